package bench

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
)

// moreOrganizations names a variable with the numbers of organizations that
// BenchmarkStrategies goes through, separated by commas.
const moreOrganizations = "ORGKEEPER_BENCH_ORGANIZATIONS"

// listed are the numbers that a variable names, or else the usual ones.
func listed(b *testing.B, variable, usual string) (all []int) {
	b.Helper()
	for field := range strings.SplitSeq(cmp.Or(os.Getenv(variable), usual), ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			b.Fatalf("%s isn't a list of numbers", variable)
		}
		all = append(all, n)
	}
	return all
}

// measuredChanges is how many creates and renames are timed at each number.
const measuredChanges = 50

// BenchmarkStrategies tells what organizations of each strategy cost: the memory of the
// program and of MongoDB, and how long a start, a create, a look-up and a rename take
// when there are so many. Hashes are cheap, so that the store is what takes time.
func BenchmarkStrategies(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, fresh func(...string) *engine) {
		outer := b
		for _, strategy := range domain.Strategies() {
			e := fresh("TENANCY="+string(strategy), "ARGON2_MEMORY_KIB=64", "ARGON2_ITERATIONS=1")
			made, before := 1, e.resident(b)
			for _, n := range listed(b, moreOrganizations, "100,1000") {
				b.Run(fmt.Sprintf("%s/organizations=%d", strategy, n), func(b *testing.B) {
					for b.Loop() {
						e.program.fleet(b).run(b, 201, made, n-made, creation)
						made = n
						e.measure(b, &made)
						e.restart(b, outer)
						b.ReportMetric(e.resident(b)-before, "mongod-MiB")
					}
				})
			}
			e.program.stop()
		}
	})
}

// restart starts the program anew, until the end of the outer benchmark, and tells how long
// its first answer takes, and its memory after some more. It isn't timed then: it looks
// through all organizations at first.
func (e *engine) restart(b, outer *testing.B) {
	b.Helper()
	e.program.stop()
	began := time.Now()
	e.program = start(outer, e.environment)
	e.program.dial(b).must(b, 200, get(0))
	b.ReportMetric(time.Since(began).Seconds()*1000, "start-ms")
	client := e.program.dial(b)
	for i := range measuredChanges {
		client.must(b, 200, get(i))
	}
	b.ReportMetric(e.program.memory(b, "VmRSS"), "MiB")
}

// measure tells how long changes and look-ups take. made is how many organizations there are.
func (e *engine) measure(b *testing.B, made *int) {
	b.Helper()
	client := e.program.dial(b)
	each := func(what string, do func(i int)) {
		began := time.Now()
		for i := range measuredChanges {
			do(i)
		}
		b.ReportMetric(time.Since(began).Seconds()*1000/measuredChanges, what+"-ms")
	}
	each("create", func(int) {
		client.must(b, 201, creation(*made))
		*made++
	})
	each("get", func(i int) { client.must(b, 200, get(i)) })
	token := client.must(b, 200, login(*made-1))["access_token"].(string)
	each("rename", func(i int) {
		client.must(b, 200, request("PUT", "/org/update", token, object(map[string]string{
			"organization_name": fmt.Sprintf("Renamed %d %d", *made, i), "password": password,
		})))
	})
}

// resident is MongoDB's memory in MiB, 0 for SQLite, which has none of its own.
func (e *engine) resident(b *testing.B) float64 {
	b.Helper()
	m, ok := e.native.(*mongoStore)
	if !ok {
		return 0
	}
	var status struct {
		Mem struct {
			Resident float64 `bson:"resident"`
		} `bson:"mem"`
	}
	if err := m.tenant.RunCommand(b.Context(), bson.D{{Key: "serverStatus", Value: 1}}).Decode(&status); err != nil {
		b.Fatal(err)
	}
	return status.Mem.Resident
}
