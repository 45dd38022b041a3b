package config

import (
	"iter"
	"reflect"
)

// field is one variable: where it is kept and what its tags say.
type field struct {
	index    int
	name     string
	alias    string
	preset   string // its default
	fallback string // its default in words
	desc     string
	want     string
}

// fields gives all variables in the order of the struct.
func fields() iter.Seq[field] {
	return func(yield func(field) bool) {
		t := reflect.TypeFor[Config]()
		for i := range t.NumField() {
			tag := t.Field(i).Tag
			f := field{
				index:    i,
				name:     tag.Get("envconfig"),
				alias:    tag.Get("alias"),
				preset:   tag.Get("default"),
				fallback: tag.Get("fallback"),
				desc:     tag.Get("desc"),
				want:     tag.Get("want"),
			}
			if f.name != "" && !yield(f) {
				return
			}
		}
	}
}

// defaultInWords is what holds where the variable is unset, for people.
func (f field) defaultInWords() string {
	if f.preset != "" {
		return f.preset
	}
	return f.fallback
}
