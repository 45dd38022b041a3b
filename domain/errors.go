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
	CodeOrganizationSuspended Code = "organization_suspended"
	CodeOrganizationStatus    Code = "organization_status"
	CodeOrganizationHeld      Code = "organization_on_hold"
	CodePreconditionFailed    Code = "precondition_failed"
	CodeOperationNotFound     Code = "operation_not_found"
	CodeOperationNotAbortable Code = "operation_not_abortable"
	CodeOperationAborted      Code = "operation_aborted"
	CodeMoveRefused           Code = "move_refused"
	CodeMoveNotFound          Code = "move_not_found"
	CodeStrayNotFound         Code = "stray_not_found"
	CodeDocumentNotFound      Code = "document_not_found"
	CodeDocumentExists        Code = "document_exists"
	CodeQuotaExceeded         Code = "quota_exceeded"
	CodeFilterTooBroad        Code = "filter_too_broad"
	CodeKeyReused             Code = "idempotency_key_reused"
	CodeKeyInUse              Code = "idempotency_key_in_use"
	CodeOverloaded            Code = "overloaded"
	CodeStoreUnavailable      Code = "store_unavailable"
	CodeInternal              Code = "internal"
	codeAccountNotFound       Code = "account_not_found"
	codeVersionConflict       Code = "version_conflict"
	codeRequestNotFound       Code = "request_not_found"
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
	// ErrSuspended says that the organization is suspended: nobody may act for it.
	ErrSuspended = &Error{Code: CodeOrganizationSuspended, Message: "The organization is suspended."}
	// ErrStatus says that the organization's status forbids the change. The message
	// names the status.
	ErrStatus = &Error{Code: CodeOrganizationStatus, Message: "The organization's status forbids this."}
	// ErrHeld says that a hold forbids to drop the organization's data.
	ErrHeld = &Error{Code: CodeOrganizationHeld, Message: "The organization is on hold. Its data may not be dropped."}
	// ErrPreconditionFailed says that the organization is not in the version that the
	// caller has seen.
	ErrPreconditionFailed = &Error{Code: CodePreconditionFailed, Message: "The organization was changed meanwhile. Get it again."}
	// ErrOperationNotFound says that no operation is pending.
	ErrOperationNotFound = &Error{Code: CodeOperationNotFound, Message: "No operation is pending on this organization."}
	// ErrOperationNotAbortable says that the pending operation can only go forward.
	ErrOperationNotAbortable = &Error{Code: CodeOperationNotAbortable, Message: "The operation can't go back any more."}
	// ErrOperationAborted says that an operator has aborted the operation.
	ErrOperationAborted = &Error{Code: CodeOperationAborted, Message: "The operation was aborted by an operator."}
	// ErrMoveRefused says that the documents can't be kept where a move would lead: an index
	// or a document has no equal there. What it was Saying tells which.
	ErrMoveRefused = &Error{Code: CodeMoveRefused, Message: "The documents can't be kept as the move wants it."}
	// ErrMoveNotFound says that no move is under way or remembered.
	ErrMoveNotFound = &Error{Code: CodeMoveNotFound, Message: "No move of this organization is known."}
	// ErrStrayNotFound says that nothing stray stands under the name.
	ErrStrayNotFound = &Error{Code: CodeStrayNotFound, Message: "Nothing stray stands under this name."}
	// ErrDocumentNotFound says that the organization has no document with the ID.
	ErrDocumentNotFound = &Error{Code: CodeDocumentNotFound, Message: "No document with this ID exists."}
	// ErrDocumentExists says that the organization has a document with the ID already.
	ErrDocumentExists = &Error{Code: CodeDocumentExists, Message: "A document with this ID exists already."}
	// ErrDocumentChanged says that the document is not in the version that the caller
	// has seen, or gone.
	ErrDocumentChanged = &Error{Code: CodePreconditionFailed, Message: "The document was changed meanwhile, or is gone. Get it again."}
	// ErrQuotaExceeded says that the organization would hold more than its quota allows.
	ErrQuotaExceeded = &Error{Code: CodeQuotaExceeded, Message: "The organization's quota has no room for this. Delete documents, or ask for a larger quota."}
	// ErrFilterTooBroad says that too few of the documents that may be looked at have
	// what the filter asks for.
	ErrFilterTooBroad = &Error{Code: CodeFilterTooBroad, Message: "The filter can't be served: too many documents would have to be looked at."}
	// ErrKeyReused says that the idempotency key came with another request before.
	ErrKeyReused = &Error{Code: CodeKeyReused, Message: "This idempotency key was used for another request."}
	// ErrKeyInUse says that the first request with the idempotency key still runs.
	ErrKeyInUse = &Error{Code: CodeKeyInUse, Message: "A request with this idempotency key is running."}
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
	// ErrRequestNotFound says that no request with the idempotency key is known.
	ErrRequestNotFound = &Error{Code: codeRequestNotFound, Message: "No such request is known."}
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

// Saying returns a copy of e with another message.
func (e *Error) Saying(message string) *Error {
	c := *e
	c.Message = message
	return &c
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
