package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/orgkeeper/orgkeeper/domain"
)

// selectNumbers finds all rows, and which of them must have a file.
const selectNumbers = "SELECT number, finished = 1 AND dropping = 0 FROM databases ORDER BY number"

// faults tells what is wrong with the files. A row comes before its file and goes after
// it, and says itself when the file need not be there. So a file that was there before
// the rows were read, has none of them and is there still is a stray; a file that isn't
// there while its row says that it must be has gone.
func (s *databases) faults(ctx context.Context) (told []string, err error) {
	if s.inMemory() {
		return nil, nil
	}
	names, err := s.list()
	if err != nil {
		return nil, err
	}
	needed, known, err := s.numbers(ctx)
	if err != nil || known == nil {
		return nil, err
	}
	strays, lost, unreadable := 0, 0, 0
	for _, name := range names {
		number, ok := fileNumber(name)
		if !ok || known[number] {
			continue
		}
		there, err := s.there(number)
		if err != nil {
			return nil, err
		}
		if there {
			told, strays = tellSome(told, name+" is of no namespace.", strays)
		}
	}
	for _, number := range needed {
		found, err := s.inspect(ctx, number)
		switch {
		case errors.Is(err, errLost):
			told, lost = tellSome(told, fileName(number)+" of a namespace is missing.", lost)
		case errors.Is(err, domain.ErrStoreUnavailable):
			return nil, err
		case err != nil:
			told, unreadable = tellSome(told, fileName(number)+" can't be read.", unreadable)
		}
		told = append(told, found...)
	}
	return told, nil
}

// tellSome tells a fault unless many of its kind were told.
func tellSome(told []string, fault string, before int) (all []string, n int) {
	switch {
	case before < maxFaults:
		told = append(told, fault)
	case before == maxFaults:
		told = append(told, "There are more faults like: "+fault)
	}
	return told, before + 1
}

// list names what there is in the folder of files.
func (s *databases) list() (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, DatabasesDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		names = append(names, DatabasesDir+"/"+e.Name())
	}
	return names, err
}

// numbers returns the numbers of the rows that need a file, and of all; nil where the
// table is missing, which is told by itself.
func (s *databases) numbers(ctx context.Context) (needed []int64, known map[int64]bool, err error) {
	err = unhurried(ctx, s.database, func(ctx context.Context, conn *sql.Conn) error {
		var has bool
		if err := conn.QueryRowContext(ctx, selectHasDatabases).Scan(&has); err != nil || !has {
			return err
		}
		known = map[int64]bool{}
		_, err := queryAll(ctx, conn, func(from row) (number int64, err error) {
			var need bool
			err = from.Scan(&number, &need)
			known[number] = true
			if need {
				needed = append(needed, number)
			}
			return number, err
		}, selectNumbers)
		return err
	})
	return needed, known, err
}

// inspect tells the faults of one file, unless it is dropped meanwhile. It keeps nobody
// from the row.
func (s *databases) inspect(ctx context.Context, number int64) (told []string, err error) {
	f := usable(s.numbered(number))
	err = s.callFor(ctx, scanTime, "check database", func(ctx context.Context) error {
		err := s.within(ctx, f, func(ctx context.Context, h held) error {
			d, err := s.opened(ctx, h)
			if err != nil {
				return errors.Join(s.still(ctx, f, h), err)
			}
			h.leave()
			conn, err := d.readers.Conn(ctx)
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			told, err = inspect(ctx, conn, fileName(number), ownSchema, func([]schemaObject) []string { return []string{checkData} })
			return err
		})
		if err == nil {
			return nil
		}
		if _, gone := s.row(ctx, f); errors.Is(gone, domain.ErrNamespaceMissing) {
			told = nil
			return nil
		}
		return err
	})
	return told, err
}
