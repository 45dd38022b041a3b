package domain

import "errors"

// Code is a stable, snake_case name of what went wrong. Clients compare it;
// it never changes its meaning.
type Code string

// The codes that a use case can return. What each means is said beside the
// error of the same name.
const (
	CodeInvalidRequest        Code = "invalid_request"
	CodeNameTaken             Code = "organization_name_taken"
	CodeEmailTaken            Code = "email_taken"
	CodeSignupClosed          Code = "signup_closed"
	CodeOrganizationLimit     Code = "organization_limit"
	CodeOperationInProgress   Code = "operation_in_progress"
	CodeUnauthenticated       Code = "unauthenticated"
	CodeInvalidCredentials    Code = "invalid_credentials"
	CodeForbidden             Code = "forbidden"
	CodeOrganizationNotFound  Code = "organization_not_found"
	CodeOverloaded            Code = "overloaded"
	CodeStoreUnavailable      Code = "store_unavailable"
	CodeInternal              Code = "internal"
	codeAccountNotFound       Code = "account_not_found"
	codeVersionConflict       Code = "version_conflict"
	codeNamespaceTaken        Code = "namespace_taken"
	codeNamespaceOccupied     Code = "namespace_occupied"
	codeNamespaceMissing      Code = "namespace_missing"
	codeTransitionNotPossible Code = "transition_not_possible"
)

// Errors that use cases return to their callers. Compare with errors.Is:
// two errors are the same when their codes are.
var (
	// ErrNameTaken says that another live organization holds the name.
	ErrNameTaken = &Error{Code: CodeNameTaken, Message: "An organization with this name exists already."}
	// ErrEmailTaken says that another account has the email.
	ErrEmailTaken = &Error{Code: CodeEmailTaken, Message: "An account with this email exists already."}
	// ErrSignupClosed says that organizations can't be created by the public.
	ErrSignupClosed = &Error{Code: CodeSignupClosed, Message: "Creating organizations is closed."}
	// ErrOrganizationLimit says that no further organization is allowed.
	ErrOrganizationLimit = &Error{Code: CodeOrganizationLimit, Message: "The limit on the number of organizations is reached."}
	// ErrOperationInProgress says that another operation on the organization
	// has not finished. The message names its kind.
	ErrOperationInProgress = &Error{Code: CodeOperationInProgress, Message: "Another operation on this organization is running."}
	// ErrUnauthenticated says that the token is absent, bad, expired or revoked.
	ErrUnauthenticated = &Error{Code: CodeUnauthenticated, Message: "A valid access token is required."}
	// ErrInvalidCredentials says that email and password don't open an account.
	ErrInvalidCredentials = &Error{Code: CodeInvalidCredentials, Message: "The email or the password is wrong."}
	// ErrForbidden says that the token's organization is not the named one.
	ErrForbidden = &Error{Code: CodeForbidden, Message: "The access token belongs to another organization."}
	// ErrOrganizationNotFound says that no such organization is visible.
	ErrOrganizationNotFound = &Error{Code: CodeOrganizationNotFound, Message: "No organization with this name exists."}
	// ErrOverloaded says that too much work waits already; try again later.
	ErrOverloaded = &Error{Code: CodeOverloaded, Message: "The service is busy. Try again in a moment."}
	// ErrStoreUnavailable says that the store is slow or away. The change may
	// or may not have happened.
	ErrStoreUnavailable = &Error{Code: CodeStoreUnavailable, Message: "The data store can't be reached. Try again in a moment."}
)

// Errors between app and its adapters. None of them reaches a client.
var (
	// ErrAccountNotFound says that no account has the ID or the email.
	ErrAccountNotFound = &Error{Code: codeAccountNotFound, Message: "No such account exists."}
	// ErrVersionConflict says that the record is not in the version that a
	// compare-and-set expected: it changed, or it is gone.
	ErrVersionConflict = &Error{Code: codeVersionConflict, Message: "The record was changed by somebody else."}
	// ErrNamespaceTaken says that the namespace was given before, perhaps to
	// this same organization. Namespaces are given once.
	ErrNamespaceTaken = &Error{Code: codeNamespaceTaken, Message: "The namespace was given before."}
	// ErrNamespaceOccupied says that the storage holds something under the
	// namespace's name that isn't ours: documents, or another kind of object.
	ErrNamespaceOccupied = &Error{Code: codeNamespaceOccupied, Message: "The namespace holds data already."}
	// ErrNamespaceMissing says that the storage has lost the namespace.
	ErrNamespaceMissing = &Error{Code: codeNamespaceMissing, Message: "The namespace is gone."}
	// ErrTransition says that the organization's state forbids the change.
	ErrTransition = &Error{Code: codeTransitionNotPossible, Message: "The organization's state forbids this."}
)

// Error is the one error type of orgkeeper: a stable code, a sentence that can
// be shown to a client, for wrong input the fields at fault, and the cause.
//
// Message and Fields never hold a submitted value or a secret. The cause is
// for the log alone.
type Error struct {
	Code    Code
	Message string
	Fields  []FieldError
	Cause   error
}

// FieldError says what is wrong with one field of the input.
type FieldError struct {
	// Field is the input's name, as the caller of a use case knows it:
	// organization_name, email or password.
	Field string
	// Message says what is expected, and never repeats what was sent.
	Message string
}

// Error gives the code and the message; the cause stays out, since it may tell
// more than a client should know.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an *Error with the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns a copy of e with the cause set.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Invalid returns the error for one wrong field.
func Invalid(field, message string) *Error {
	return &Error{
		Code:    CodeInvalidRequest,
		Message: "The request is not valid.",
		Fields:  []FieldError{{Field: field, Message: message}},
	}
}

// JoinInvalid merges errors of wrong fields into one that lists them all, so
// that a client sees every mistake at once. Nil errors are left out; it returns
// nil when none remains, and the first error that is not an invalid request
// when there is one.
func JoinInvalid(errs ...error) error {
	var all *Error
	for _, err := range errs {
		if err == nil {
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeInvalidRequest {
			return err
		}
		if all == nil {
			first := *e
			first.Fields = append([]FieldError(nil), e.Fields...)
			all = &first
			continue
		}
		all.Fields = append(all.Fields, e.Fields...)
	}
	if all == nil {
		return nil
	}
	return all
}
