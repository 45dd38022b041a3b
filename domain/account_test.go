package domain

import "testing"

func TestAccount(t *testing.T) {
	email, hash := StoredEmail("a@example.com"), NewPasswordHash("hash")
	first := NewAccount("account", "organization", email, hash, earlier)
	want := Account{"account", email, hash, "organization", 1, 1, earlier, earlier}
	if first != want {
		t.Errorf("NewAccount: got %+v, want %+v", first, want)
	}
	second := first.WithEmail(StoredEmail("b@example.com"), later)
	third := second.WithPasswordHash(NewPasswordHash("other"), later)
	if first != want {
		t.Error("a change changed the receiver")
	}
	want.Email, want.Version, want.UpdatedAt = StoredEmail("b@example.com"), 2, later
	if second != want {
		t.Errorf("WithEmail: got %+v, want %+v", second, want)
	}
	want.PasswordHash, want.Version = NewPasswordHash("other"), 3
	if third != want {
		t.Errorf("WithPasswordHash: got %+v, want %+v", third, want)
	}
	if same := third.WithEmail(third.Email, later); same.Version != 4 {
		t.Error("WithEmail with the same email doesn't raise the version")
	}
}
