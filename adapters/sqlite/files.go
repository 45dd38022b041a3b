package sqlite

import (
	"container/list"
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/orgkeeper/orgkeeper/domain"
)

// DatabasesDir is the folder, in Options.Dir, of the files of domain.StrategyDatabase.
// It is made with the first of them.
const DatabasesDir = "databases"

const (
	// maxOpenFiles is how many of them are open at once. Each has up to three file
	// descriptors for each connection.
	maxOpenFiles = 64
	// fileReaders is the size of a file's pool of readers. A scan keeps one to its end;
	// of exports, which scan, two run at once.
	fileReaders = 4
)

// fileName names the file of a row of databases, in Options.Dir.
func fileName(number int64) string { return DatabasesDir + "/" + strconv.FormatInt(number, 10) + ".db" }

// fileNumber is the number in a name that fileName has made.
func fileNumber(name string) (number int64, ok bool) {
	text, ok := strings.CutPrefix(name, DatabasesDir+"/")
	number, err := strconv.ParseInt(strings.TrimSuffix(text, ".db"), 10, 64)
	return number, ok && err == nil && number > 0 && fileName(number) == name
}

// files are the databases of domain.StrategyDatabase that are open or in use. Those that
// nobody uses stay open until others need the room. In memory all stay.
type files struct {
	// limit is how many are open at once.
	limit int

	mu sync.Mutex
	// known are those that are open or in use.
	known map[int64]*file
	// idle are the open ones that nobody uses, the one that was used last in front.
	idle *list.List
	// open counts those that are open, are being opened or closed.
	open int
	// freed is closed when there may be room.
	freed  chan struct{}
	closed bool
}

// file is one of them.
type file struct {
	number int64
	// fence is taken by 1 for work on the documents, and whole by what changes the row.
	fence *semaphore.Weighted
	// opening is taken by who opens it.
	opening *semaphore.Weighted

	// These are guarded by files.mu.
	uses    int
	db      *database
	resting *list.Element
}

// everybody is the whole of a fence.
const everybody = math.MaxInt32

func newFiles(limit int) *files {
	return &files{limit: limit, known: map[int64]*file{}, idle: list.New(), freed: make(chan struct{})}
}

// hold keeps the file known, and open once it is, until it is released.
func (f *files) hold(number int64) *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.known[number]
	if one == nil {
		one = &file{number: number, fence: semaphore.NewWeighted(everybody), opening: semaphore.NewWeighted(1)}
		f.known[number] = one
	}
	if one.resting != nil {
		f.idle.Remove(one.resting)
		one.resting = nil
	}
	one.uses++
	return one
}

func (f *files) release(one *file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.uses--; one.uses > 0 {
		return
	}
	if one.db == nil {
		delete(f.known, one.number)
		return
	}
	one.resting = f.idle.PushFront(one)
	f.wake()
}

// wake tells those who wait that there may be room. f.mu is held.
func (f *files) wake() {
	close(f.freed)
	f.freed = make(chan struct{})
}

// opened returns the file's database, which open opens if it isn't yet.
func (f *files) opened(ctx context.Context, one *file, open func(context.Context) (*database, error)) (*database, error) {
	if err := one.opening.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer one.opening.Release(1)
	if d := f.database(one); d != nil {
		return d, nil
	}
	if err := f.makeRoom(ctx); err != nil {
		return nil, err
	}
	d, err := open(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.closed {
		err = errors.Join(domain.ErrStoreUnavailable.Because(errClosed), d.close())
	}
	if err != nil {
		f.open--
		f.wake()
		return nil, err
	}
	one.db = d
	return d, nil
}

func (f *files) database(one *file) *database {
	f.mu.Lock()
	defer f.mu.Unlock()
	return one.db
}

// makeRoom waits until one more may be open, and counts it.
func (f *files) makeRoom(ctx context.Context) error {
	for {
		room, closing, wait, err := f.tryRoom()
		switch {
		case err != nil:
			return err
		case closing != nil:
			return f.makeRoomOf(closing)
		case room:
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryRoom takes the room of the one that nobody has used for longest, if there is no
// other, and returns its database, which is to be closed. When all are in use it returns
// what to wait for.
func (f *files) tryRoom() (room bool, closing *database, wait <-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false, nil, nil, domain.ErrStoreUnavailable.Because(errClosed)
	}
	if f.open < f.limit {
		f.open++
		return true, nil, nil, nil
	}
	last := f.idle.Back()
	if last == nil {
		return false, nil, f.freed, nil
	}
	if one, ok := f.idle.Remove(last).(*file); ok {
		delete(f.known, one.number)
		closing = one.db
	}
	return true, closing, nil, nil
}

// makeRoomOf closes a database for the sake of another one.
func (f *files) makeRoomOf(d *database) error {
	err := d.close()
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.open--
		f.wake()
	}
	return err
}

// shut closes the file's database, if it is open. Who holds it has its whole fence.
func (f *files) shut(one *file) error {
	f.mu.Lock()
	d := one.db
	one.db = nil
	f.mu.Unlock()
	if d == nil {
		return nil
	}
	err := d.close()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open--
	f.wake()
	return err
}

// close closes all, and lets no more be opened.
func (f *files) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.wake()
	var errs []error
	for _, one := range f.known {
		if one.db != nil {
			errs = append(errs, one.db.close())
		}
	}
	return errors.Join(errs...)
}
