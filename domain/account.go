package domain

import "time"

// Account is a person who logs in with email and password.
type Account struct {
	ID           AccountID
	Email        Email
	PasswordHash PasswordHash
	// OrganizationID names the organization that the account administers.
	OrganizationID OrganizationID
	// Epoch only grows; raising it revokes the account's tokens.
	Epoch int64
	// Version counts the writes, from 1; compare-and-set rests on it.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// NewAccount returns the account of an organization's owner.
func NewAccount(id AccountID, organization OrganizationID, email Email, hash PasswordHash, now time.Time) Account {
	return Account{
		ID:             id,
		Email:          email,
		PasswordHash:   hash,
		OrganizationID: organization,
		Epoch:          1,
		Version:        1,
		CreatedAt:      now,
		UpdatedAt:      now,
	}
}

// WithEmail returns the account with another email. The version grows even when
// the email is the same, so that a slower writer's compare-and-set fails.
func (a Account) WithEmail(email Email, now time.Time) Account {
	a.Email = email
	a.Version++
	a.UpdatedAt = now
	return a
}

// WithPasswordHash returns the account with another hash of its password.
func (a Account) WithPasswordHash(hash PasswordHash, now time.Time) Account {
	a.PasswordHash = hash
	a.Version++
	a.UpdatedAt = now
	return a
}
