package mongo

import (
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// reply is what the server says of a command that writes.
type reply struct {
	// N is how many documents were matched, inserted or deleted.
	N        int64 `bson:"n"`
	Upserted []struct {
		Index int `bson:"index"`
	} `bson:"upserted"`
	Errors []bson.Raw `bson:"writeErrors"`
}

// note takes down the results of statements.
func (b *batch) note(all []statement, r reply) (anew []statement, err error) {
	for _, s := range all {
		b.results[s.place] = ports.DocumentResult{Created: s.kind == inserts}
	}
	for _, u := range r.Upserted {
		b.results[all[u.Index].place].Created = true
	}
	for _, e := range r.Errors {
		index, _ := e.Lookup("index").AsInt64OK()
		number, _ := e.Lookup("code").AsInt64OK()
		s, code := all[index], int(number)
		result := ports.DocumentResult{Err: refusal(code)}
		switch {
		case errors.Is(result.Err, domain.ErrStoreUnavailable):
			return nil, result.Err
		case s.tried && !errors.Is(result.Err, domain.ErrNamespaceMissing):
			// Whether by a document that is there or by a rule: the update decides.
			if s, err = b.statement(s.place, false); err != nil {
				return nil, err
			}
			anew = append(anew, s)
		case s.anew && duplicateKey(code):
			message, _ := e.Lookup("errmsg").StringValueOK()
			if violatedField(e, message) == domain.FieldID {
				anew = append(anew, s)
			}
		}
		b.results[s.place] = result
	}
	return anew, nil
}

var (
	errDocumentRefused = domain.Invalid("document", "is refused by the database's rules for this collection")
	errIDRefused       = domain.Invalid("id", "is of a type that the database takes for no ID")
)

// refusal returns the error of a write that the server has refused with the code.
func refusal(code int) error {
	because := fmt.Errorf("mongo: write documents: %w", &serverError{code: code})
	switch {
	case slices.Contains(elsewhere, code):
		return domain.ErrNamespaceMissing.Because(because)
	case slices.Contains(transientCodes, code):
		return domain.ErrStoreUnavailable.Because(because)
	case duplicateKey(code):
		return domain.ErrDocumentExists.Because(because)
	case code == codeInvalidIDField:
		return errIDRefused.Because(because)
	}
	// Validators and indexes have a code for each reason.
	return errDocumentRefused.Because(because)
}
