package domain

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"text/template"
)

// hidden is the text that must never be seen. Each of its forms is looked for.
const hidden = "hunter2-Größe"

// leaks reports whether the text shows hidden, as it is or as hexadecimal, bytes
// in decimal, or an escaped string.
func leaks(text string) bool {
	for _, format := range []string{"%s", "%x", "%X", "% x", "%q", "%+q", "%v", "%d"} {
		var form string
		if format == "%v" || format == "%d" {
			form = strings.Trim(fmt.Sprintf(format, []byte(hidden)), "[]")
		} else {
			form = strings.Trim(fmt.Sprintf(format, hidden), `"`)
		}
		if strings.Contains(text, form) {
			return true
		}
	}
	return strings.Contains(text, "hunter2")
}

// Structs that hold secrets in every way.
type (
	exposed struct {
		Secret   Secret
		Password Password
		Hash     *PasswordHash
		Any      any
		Account  Account
	}
	enclosed struct {
		secret   Secret
		password Password
		hash     *PasswordHash
		any      any
		list     []Secret
		table    map[string]Password
		account  Account
	}
	embedding struct{ Password }
)

// holders are values that hold hidden.
func holders() map[string]any {
	s := NewSecret(hidden)
	p, h := Password{s}, PasswordHash{s}
	account := Account{PasswordHash: h}
	return map[string]any{
		"secret": s, "pointer": &s, "password": p, "pointer to password": &p, "hash": h, "account": account, "pointer to account": &account,
		"slice": []Secret{s}, "slice of pointers": []*Secret{&s}, "array": [1]Password{p}, "map": map[string]Secret{"a": s},
		"key of a map": map[Secret]Secret{s: s}, "interfaces": []any{s, p, &h},
		"exposed":     exposed{s, p, &h, s, account},
		"enclosed":    enclosed{s, p, &h, p, []Secret{s}, map[string]Password{"a": p}, account},
		"pointer to":  &enclosed{s, p, &h, &p, []Secret{s}, map[string]Password{"a": p}, account},
		"embedding":   embedding{p},
		"nested":      map[string][]*enclosed{"a": {{secret: s, account: account}}},
		"an error":    fmt.Errorf("wrapped %v %w", p, errors.New(fmt.Sprint(h))),
		"a FieldErr.": Invalid("password", fmt.Sprint(s)),
	}
}

func TestSecretsAreNotFormatted(t *testing.T) {
	wrap := "%v %[1]w"
	verbs := "vTtbcdoOqxXUeEfFgGspw!"
	for name, value := range holders() {
		for _, verb := range verbs {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "10.3", "+040", "#.2", "[1]", "*", "[2]", "%"} {
				format := "%" + flags + string(verb)
				if got := fmt.Sprintf(format, value); leaks(got) {
					t.Errorf("%s by %s: %s", name, format, got)
				}
			}
		}
		for how, got := range map[string]string{
			"Sprint": fmt.Sprint(value), "Sprintln": fmt.Sprintln(value, value), "Errorf": fmt.Errorf(wrap, value).Error(),
			"Append": string(fmt.Append(nil, value)),
		} {
			if leaks(got) {
				t.Errorf("%s by %s: %s", name, how, got)
			}
		}
	}
	if got := fmt.Sprintf("%v|%s|%+v|%#v|%x|%q", NewSecret("a"), Password{NewSecret("b")}, &Secret{}, PasswordHash{}, Secret{}, Secret{}); got != strings.Repeat("|[redacted]", 6)[1:] {
		t.Errorf("got %s", got)
	}
	if s := NewSecret(hidden); s.String() != redacted || s.GoString() != redacted {
		t.Error("String or GoString shows something else")
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	for name, value := range holders() {
		var out bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			logger := slog.New(handler)
			logger.Info("message", "value", value, slog.Group("group", "value", value))
			logger.With("value", value).WithGroup("group").Error("message", slog.Any("value", value))
		}
		log.New(&out, "", 0).Print("message ", value)
		if leaks(out.String()) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

func TestSecretsAreNotEncoded(t *testing.T) {
	for name, value := range holders() {
		var out bytes.Buffer
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// Some of the values can't be written as XML, Gob or by the template; what
		// they left must not show a secret, and neither must the error.
		for _, err := range []error{
			xml.NewEncoder(&out).Encode(value), gob.NewEncoder(&out).Encode(value),
			template.Must(template.New("").Parse(`{{.}} {{printf "%p %v" . .}} {{js .}} {{html .}} {{urlquery .}}`)).Execute(&out, value),
		} {
			if err != nil {
				out.WriteString(err.Error())
			}
		}
		if leaks(out.String()) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
	for _, value := range []any{Secret{}, NewSecret(hidden), Password{NewSecret(hidden)}} {
		if got, err := json.Marshal(value); err != nil || string(got) != `"[redacted]"` {
			t.Errorf("json: %s, %v", got, err)
		}
	}
}

func TestLeaksAreSeen(t *testing.T) {
	for _, format := range []string{"%s", "%q", "%+q", "%x", "%X", "% x", "%v", "%#v"} {
		if !leaks("before " + fmt.Sprintf(format, hidden) + " after") {
			t.Errorf("leaks doesn't see %s", format)
		}
	}
	if leaks(redacted) || !leaks(fmt.Sprint([]byte(hidden))) {
		t.Error("leaks sees what isn't there, or doesn't see bytes")
	}
}

func TestSecret(t *testing.T) {
	for _, text := range []string{"", "a", hidden, "\x00", redacted} {
		s := NewSecret(text)
		if s.Reveal() != text || s.IsZero() != (text == "") || s != NewSecret(strings.Clone(text)) {
			t.Errorf("the secret of %q is another", text)
		}
	}
	if (Secret{}) != NewSecret("") || NewSecret("a") == NewSecret("b") {
		t.Error("secrets are not compared by their text")
	}
}
