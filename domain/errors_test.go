package domain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// published are the errors of this package.
var published = []*Error{
	ErrNameTaken, ErrEmailTaken, ErrSignupClosed, ErrOrganizationLimit, ErrOperationInProgress, ErrUnauthenticated, ErrInvalidCredentials,
	ErrForbidden, ErrOrganizationNotFound, ErrSuspended, ErrStatus, ErrHeld, ErrQuotaExceeded, ErrPreconditionFailed, ErrOperationNotFound, ErrOperationNotAbortable,
	ErrOperationAborted, ErrKeyReused, ErrKeyInUse, ErrOverloaded, ErrStoreUnavailable, ErrAccountNotFound, ErrVersionConflict, ErrRequestNotFound,
	ErrNamespaceTaken, ErrNamespaceOccupied, ErrNamespaceMissing, ErrTransition, Invalid("name", "message"),
}

func TestErrorsAreToldApartByTheirCodes(t *testing.T) {
	for i, a := range published {
		if !strings.HasSuffix(a.Message, ".") || strings.ToLower(string(a.Code)) != string(a.Code) || strings.ContainsAny(string(a.Code), " -") {
			t.Errorf("the error %q has the message %q", a.Code, a.Message)
		}
		for j, b := range published {
			if errors.Is(a, b) != (i == j) {
				t.Errorf("errors.Is(%s, %s)", a.Code, b.Code)
			}
		}
	}
}

func TestErrorCause(t *testing.T) {
	cause := fmt.Errorf("a secret: %w", context.DeadlineExceeded)
	err := fmt.Errorf("wrapped: %w", ErrStoreUnavailable.Because(cause))
	if !errors.Is(err, ErrStoreUnavailable) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrOverloaded) {
		t.Error("errors.Is doesn't see the code and the cause")
	}
	if ErrStoreUnavailable.Cause != nil {
		t.Error("Because changed the error that it was called on")
	}
	if got := ErrStoreUnavailable.Because(cause).Error(); got != ErrStoreUnavailable.Error() {
		t.Errorf("the text tells the cause: %q", got)
	}
	if errors.Is(ErrStoreUnavailable, cause) {
		t.Error("an error without cause is the cause")
	}
}

func TestErrorsDontRepeatTheInput(t *testing.T) {
	const marker = "MaRkEr"
	_, name := ParseName(marker + "\x00")
	_, long := ParseName(strings.Repeat(marker, 100))
	_, email := ParseEmail(marker)
	_, password := NewPassword(NewSecret(marker), 20)
	_, typed := TypedPassword(NewSecret(marker + "\xff"))
	for i, err := range []error{name, long, email, password, typed} {
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%d: got %v, want an *Error", i, err)
			continue
		}
		if strings.Contains(strings.ToLower(fmt.Sprintf("%v %+v %#v", err, e, *e)), strings.ToLower(marker)) {
			t.Errorf("%d: the error repeats the input: %#v", i, e)
		}
	}
}

func TestJoinInvalid(t *testing.T) {
	name, email := Invalid("organization_name", "too short"), Invalid("email", "no at")
	cause := errors.New("cause")
	if err := JoinInvalid(); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	if err := JoinInvalid(nil, nil); err != nil {
		t.Errorf("of nil errors: %v", err)
	}
	if err := JoinInvalid(nil, cause, name); err != cause { //nolint:errorlint // The very error is wanted.
		t.Errorf("with another error: %v", err)
	}
	if err := JoinInvalid(name, nil, ErrNameTaken, cause); !errors.Is(err, ErrNameTaken) {
		t.Errorf("with another error behind an invalid request: %v", err)
	}
	both := Invalid("password", "too short")
	both.Fields = append(both.Fields, FieldError{"password", "too long"})
	err := JoinInvalid(nil, name, fmt.Errorf("wrapped: %w", email), nil, both)
	var joined *Error
	if !errors.As(err, &joined) || joined.Code != CodeInvalidRequest {
		t.Fatalf("got %v", err)
	}
	want := []FieldError{name.Fields[0], email.Fields[0], both.Fields[0], both.Fields[1]}
	if fmt.Sprint(joined.Fields) != fmt.Sprint(want) {
		t.Errorf("got the fields %v, want %v", joined.Fields, want)
	}
	// The errors that were joined stay as they were.
	joined.Fields[0].Message = "changed"
	if name.Fields[0].Message != "too short" || len(name.Fields) != 1 || len(email.Fields) != 1 || len(both.Fields) != 2 {
		t.Error("JoinInvalid changed an error that it joined")
	}
}
