package domain

// OrganizationID identifies an organization for ever. It is opaque text: a
// UUIDv7 where orgkeeper made it, something else where an older service did.
type OrganizationID string

// AccountID identifies an account for ever. It is opaque text, as
// OrganizationID is.
type AccountID string

// OperationID identifies one operation on one organization.
type OperationID string
