package bench

import (
	"fmt"
	"testing"
)

func creation(i int) []byte {
	return request("POST", "/org/create", "", object(map[string]string{
		"organization_name": organization(i), "email": email(i), "password": password,
	}))
}

// BenchmarkCreate creates organizations, one after the other, against the same writes
// by the bare driver and one hash.
func BenchmarkCreate(b *testing.B) {
	eachEngine(b, true, func(b *testing.B, fresh func(...string) *engine) {
		ours, theirs := fresh(), fresh()
		client, made := ours.program.dial(b), 0
		b.Run("clients=1", func(b *testing.B) {
			of, against := turns(b, 1,
				func(first, n int) {
					for i := first; i < first+n; i++ {
						client.must(b, 201, creation(made+i+1))
					}
				},
				func(first, n int) {
					for i := first; i < first+n; i++ {
						hash()
						if err := theirs.native.create(b.Context(), made+i+1); err != nil {
							b.Fatal(err)
						}
					}
				})
			made += b.N
			reportTimes(b, of, against)
		})
	})
}

// BenchmarkRename renames an organization again and again, whose namespace holds few
// or many documents, against the same writes by the bare driver and one hash.
func BenchmarkRename(b *testing.B) {
	eachEngine(b, true, func(b *testing.B, fresh func(...string) *engine) {
		ours, theirs := fresh(), fresh()
		for i, documents := range []int{0, 1000, 100_000} {
			number, last := i+1, fmt.Sprintf("org_organization_%d", i+1)
			for _, e := range []*engine{ours, theirs} {
				e.create1(b, number)
				if err := e.documents(b.Context(), last, documents); err != nil {
					b.Fatal(err)
				}
			}
			client, token, done := ours.program.dial(b), ours.logIn(b, number), 0
			b.Run(fmt.Sprintf("documents=%d", documents), func(b *testing.B) {
				name := func(i int) string { return fmt.Sprintf("Renamed %d %d", number, done+i) }
				of, against := turns(b, 1,
					func(first, n int) {
						for i := first; i < first+n; i++ {
							client.must(b, 200, request("PUT", "/org/update", token,
								object(map[string]string{"organization_name": name(i), "password": password})))
						}
					},
					func(first, n int) {
						for i := first; i < first+n; i++ {
							hash()
							to := fmt.Sprintf("renamed_%d_%d", number, done+i)
							if err := theirs.native.rename(b.Context(), last, to); err != nil {
								b.Fatal(err)
							}
							last = to
						}
					})
				done += b.N
				reportTimes(b, of, against)
			})
		}
	})
}
