package mongo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Codes of the server's errors that the adapter acts on (MongoDB's
// error_codes.yml).
const (
	codeBadValue             = 2
	codeFailedToParse        = 9
	codeNamespaceNotFound    = 26
	codeIndexNotFound        = 27
	codeNamespaceExists      = 48
	codeInvalidIDField       = 53
	codeInvalidOptions       = 72
	codeIndexOptionsConflict = 85
	codeIndexKeySpecs        = 86
	codeNotSupportedOnView   = 166
	codeQueryPlanKilled      = 175
	codeDatabaseDropPending  = 215
	codeNotImplemented       = 238
	codeInvalidResumeToken   = 260
	codeChangeStreamFatal    = 280
	codeChangeStreamLost     = 286
	codeUUIDMismatch         = 361
	codeDuplicateKey         = 11000
	codeDatabaseDifferCase   = 13297
	codeDuplicateKeyUpdate   = 11001
	codeDuplicateKeyCapped   = 12582
	codeNoReplacement        = 40228
	codeUnknownField         = 40415
	codeNoChangeStream       = 40573
)

// transientCodes are the server's errors that say that it can't do its work now:
// it steps down, shuts down, is no primary, was interrupted, ran out of time or
// couldn't replicate. The write may have happened.
var transientCodes = []int{
	6,     // HostUnreachable
	7,     // HostNotFound
	18,    // AuthenticationFailed
	24,    // LockTimeout
	43,    // CursorNotFound
	46,    // LockBusy
	50,    // MaxTimeMSExpired
	64,    // WriteConcernTimeout
	79,    // UnknownReplWriteConcern
	89,    // NetworkTimeout
	91,    // ShutdownInProgress
	100,   // UnsatisfiableWriteConcern
	112,   // WriteConflict
	117,   // ConflictingOperationInProgress
	133,   // FailedToSatisfyReadPreference
	134,   // ReadConcernMajorityNotAvailableYet
	175,   // QueryPlanKilled
	189,   // PrimarySteppedDown
	202,   // NetworkInterfaceExceededTimeLimit
	215,   // DatabaseDropPending
	237,   // CursorKilled
	246,   // SnapshotUnavailable
	262,   // ExceededTimeLimit
	371,   // UserWritesBlocked
	384,   // ConnectionError
	462,   // IngressRequestRateLimitExceeded
	9001,  // SocketException
	10058, // LegacyNotPrimary
	10107, // NotWritablePrimary
	11600, // InterruptedAtShutdown
	11601, // Interrupted
	11602, // InterruptedDueToReplStateChange
	12586, // BackgroundOperationInProgressForDatabase
	12587, // BackgroundOperationInProgressForNamespace
	13388, // StaleConfig
	13435, // NotPrimaryNoSecondaryOk
	13436, // NotPrimaryOrSecondary
	14031, // OutOfDiskSpace
}

// transientLabels are the labels with which servers and the driver mark errors
// of the same kind.
var transientLabels = []string{
	"RetryableWriteError", "TransientTransactionError", "RetryableError", "SystemOverloadedError",
}

// translate gives an error of the driver as the ports have it. what says in a
// few words, without data, what was being done.
func translate(what string, err error) error {
	if err == nil {
		return nil
	}
	if already, ok := errors.AsType[*domain.Error](err); ok {
		return already
	}
	cause := fmt.Errorf("mongo: %s: %w", what, withoutData(err))
	if unavailable(err) {
		return domain.ErrStoreUnavailable.Because(cause)
	}
	return cause
}

// causeOf returns what an unavailable store's error rests on, or nil.
func causeOf(err error) error {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		return e.Cause
	}
	return nil
}

// serverError is what is kept of an error that the server sent. Its message is
// left out, since it may quote documents, keys and commands.
type serverError struct {
	code int
	name string
}

func (e *serverError) Error() string {
	if e.name == "" {
		return fmt.Sprintf("the server's error %d", e.code)
	}
	return fmt.Sprintf("the server's error %d (%s)", e.code, e.name)
}

// withoutData replaces an error that the server sent by its code and name, and
// one about a field that can't be read by the field's name. Other errors of the
// driver speak of connections and types only.
func withoutData(err error) error {
	if field, ok := errors.AsType[*bson.DecodeError](err); ok {
		return fmt.Errorf("the field %q doesn't have the type that it should", strings.Join(field.Keys(), "."))
	}
	if write, ok := errors.AsType[driver.WriteException](err); ok {
		return writeErrorOf(write)
	}
	if command, ok := errors.AsType[driver.CommandError](err); ok && command.Code != 0 {
		return &serverError{int(command.Code), command.Name}
	}
	if server, ok := errors.AsType[driver.ServerError](err); ok {
		if codes := server.ErrorCodes(); len(codes) > 0 && codes[0] != 0 {
			return &serverError{code: codes[0]}
		}
	}
	return err
}

func writeErrorOf(e driver.WriteException) error {
	switch {
	case e.WriteConcernError != nil:
		return &serverError{e.WriteConcernError.Code, e.WriteConcernError.Name}
	case len(e.WriteErrors) > 0:
		return &serverError{code: e.WriteErrors[0].Code}
	}
	return errors.New("a write failed")
}

// unavailable reports whether err says that the store is slow, away or can't
// work now.
func unavailable(err error) bool {
	if errors.Is(err, context.Canceled) || driver.IsTimeout(err) || driver.IsNetworkError(err) ||
		errors.Is(err, driver.ErrClientDisconnected) || connectionFailed(err) {
		return true
	}
	if write, ok := errors.AsType[driver.WriteException](err); ok && write.WriteConcernError != nil {
		return true
	}
	server, ok := errors.AsType[driver.ServerError](err)
	return ok && (slices.ContainsFunc(server.ErrorCodes(), func(code int) bool {
		return slices.Contains(transientCodes, code)
	}) || slices.ContainsFunc(transientLabels, server.HasErrorLabel))
}

// connectionFailed reports whether err says that no server or no connection could
// be had.
func connectionFailed(err error) bool {
	if _, ok := errors.AsType[topology.ServerSelectionError](err); ok {
		return true
	}
	if _, ok := errors.AsType[topology.WaitQueueTimeoutError](err); ok {
		return true
	}
	if _, ok := errors.AsType[topology.ConnectionError](err); ok {
		return true
	}
	if _, ok := errors.AsType[topology.PoolError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	// The pool was emptied because another call met a broken connection.
	_, ok := errors.AsType[interface {
		error
		Retryable() bool
	}](err)
	return ok || errors.Is(err, topology.ErrServerClosed)
}

// hasCode reports whether the server answered with the code.
func hasCode(err error, code int) bool {
	server, ok := errors.AsType[driver.ServerError](err)
	return ok && server.HasErrorCode(code)
}

// indexInMessage finds the index's name in the message of a duplicate key error:
// "… index: name_keys_1 dup key: …", of old servers "… index: db.c.$name_1 dup …".
var indexInMessage = regexp.MustCompile(`index: (?:\S*\$)?(\S+)\s+dup key`)

// violated returns the first field of the unique index that refused a write, and
// whether one did. Of several such indexes the server names one.
func violated(err error) (field string, ok bool) {
	if write, is := errors.AsType[driver.WriteException](err); is {
		for _, e := range write.WriteErrors {
			if duplicateKey(e.Code) {
				return violatedField(e.Raw, e.Message), true
			}
		}
	}
	if command, is := errors.AsType[driver.CommandError](err); is && duplicateKey(int(command.Code)) {
		return violatedField(command.Raw, command.Message), true
	}
	return "", false
}

func duplicateKey(code int) bool {
	return code == codeDuplicateKey || code == codeDuplicateKeyUpdate || code == codeDuplicateKeyCapped
}

func violatedField(raw bson.Raw, message string) string {
	if pattern, ok := raw.Lookup("keyPattern").DocumentOK(); ok {
		if first, err := pattern.IndexErr(0); err == nil {
			return first.Key()
		}
	}
	match := indexInMessage.FindStringSubmatch(message)
	if match == nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(match[1], "_"), "_1")
}
