// Package config reads what a deployment sets: environment variables and a .env
// file, which never overrides them, into one struct.
//
// Config's fields are the only list of variables. The help (Usage), the table
// of the README (Table), .env.example (Example) and what is printed (Print) are
// made from its tags.
//
// An empty variable is as if it were not set, since container tools pass empty
// ones on. All mistakes are reported at once, by the variable's name and what
// is expected of it. No error repeats a value, whatever the variable: a secret
// in the wrong one is not shown either.
package config
