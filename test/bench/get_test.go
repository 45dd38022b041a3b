package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
)

func get(i int) []byte { return getFrom("/org/get", i) }

func getFrom(path string, i int) []byte {
	return request("GET", fmt.Sprintf("%s?organization_name=Organization+%d", path, i), "", "")
}

// BenchmarkGet looks organizations up by name at 16 connections, against bare
// handlers with the same answer: one with the same query, and one with a query for
// what the answer needs alone.
func BenchmarkGet(b *testing.B) {
	eachEngine(b, true, func(b *testing.B, fresh func(...string) *engine) {
		e, have := fresh(), 0
		bare := e.bare(b)
		for _, organizations := range []int{100, 10_000, 100_000} {
			for _, against := range []string{"same-query", "lean-query"} {
				path := map[string]string{"same-query": "/org/get", "lean-query": "/lean"}[against]
				b.Run(fmt.Sprintf("organizations=%d/%s", organizations, against), func(b *testing.B) {
					if have < organizations-1 {
						if err := e.fill(b.Context(), have+1, organizations-1); err != nil {
							b.Fatal(err)
						}
						have = organizations - 1
					}
					ours, theirs := e.program.fleet(b), bare.fleet(b)
					of, against := turns(b, 1000,
						func(first, n int) {
							ours.run(b, 200, first, n, func(int) []byte { return get(rand.IntN(organizations)) })
						},
						func(first, n int) {
							theirs.run(b, 200, first, n, func(int) []byte { return getFrom(path, rand.IntN(organizations)) })
						})
					reportRates(b, of, against)
				})
			}
		}
	})
}

// BenchmarkToken sends what is refused after the token was checked, the organization
// and the account read: garbage to be changed. The bare handler reads both.
func BenchmarkToken(b *testing.B) {
	eachEngine(b, true, func(b *testing.B, fresh func(...string) *engine) {
		e := fresh()
		token, bare := e.logIn(b, 0), e.bare(b)
		b.Run("update", func(b *testing.B) {
			r := request("PUT", "/org/update", token, "garbage")
			versusBare(b, e.program, bare, 400, r)
		})
	})
}

// BenchmarkRefused sends what is refused without the store, against a bare handler
// that refuses everything.
func BenchmarkRefused(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		e := open(b, []string{"STORE=sqlite", "DATA_DIR=" + b.TempDir()})
		wrong, bare := []byte(e.logIn(b, 0)), e.bare(b)
		copy(wrong[len(wrong)-4:], "AAAA") // another signature
		b.Run("wrong-token", func(b *testing.B) {
			versusBare(b, e.program, bare, 401, request("DELETE", "/org/delete?organization_name=x", string(wrong), ""))
		})
		b.Run("garbage-body", func(b *testing.B) {
			versusBare(b, e.program, bare, 400, request("POST", "/org/create", "", "garbage"))
		})
	})
}

// versusBare sends the same request to both, at 16 connections.
func versusBare(b *testing.B, program, bare *process, status int, r []byte) {
	b.Helper()
	ours, theirs := program.fleet(b), bare.fleet(b)
	same := func(int) []byte { return r }
	of, against := turns(b, 1000,
		func(first, n int) { ours.run(b, status, first, n, same) },
		func(first, n int) { theirs.run(b, status, first, n, same) })
	reportRates(b, of, against)
}

func object(fields map[string]string) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(text)
}
