package domain

// OrganizationID identifies an organization for ever. It is opaque text: a
// UUIDv7 where orgkeeper made it, something else where an older service did.
type OrganizationID string

// AccountID identifies an account for ever. It is opaque text, as
// OrganizationID is.
type AccountID string

// OperationID identifies one operation on one organization.
type OperationID string

// Actor says on whose behalf something was done. It is no account's ID, so that a
// record of it holds nobody's personal data.
type Actor string

// The actors.
const (
	// ActorOwner is the organization's own account.
	ActorOwner Actor = "owner"
	// ActorOperator is who runs the service.
	ActorOperator Actor = "operator"
	// ActorRetention is the service itself, when a deleted organization's time is over.
	ActorRetention Actor = "retention"
)
