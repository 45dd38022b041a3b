package bench

import (
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

// counts are those numbers.
func counts(b *testing.B) (all []int) {
	b.Helper()
	text := os.Getenv(moreOrganizations)
	if text == "" {
		text = "100,1000"
	}
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
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
		for _, strategy := range domain.Strategies() {
			e := fresh("TENANCY="+string(strategy), "ARGON2_MEMORY_KIB=64", "ARGON2_ITERATIONS=1")
			made := 1
			for _, n := range counts(b) {
				b.Run(fmt.Sprintf("%s/organizations=%d", strategy, n), func(b *testing.B) {
					for b.Loop() {
						e.program.fleet(b).run(b, 201, made, n-made, creation)
						made = n
						e.measure(b, &made)
					}
				})
			}
			e.program.stop()
		}
	})
}

// measure restarts the program and tells what it costs. made is how many organizations
// there are.
func (e *engine) measure(b *testing.B, made *int) {
	b.Helper()
	e.program.stop()
	began := time.Now()
	e.program = start(b, e.environment)
	client := e.program.dial(b)
	client.must(b, 200, get(0))
	b.ReportMetric(time.Since(began).Seconds()*1000, "start-ms")

	began = time.Now()
	for range measuredChanges {
		client.must(b, 201, creation(*made))
		*made++
	}
	b.ReportMetric(time.Since(began).Seconds()*1000/measuredChanges, "create-ms")

	began = time.Now()
	for i := range measuredChanges {
		client.must(b, 200, get(i))
	}
	b.ReportMetric(time.Since(began).Seconds()*1000/measuredChanges, "get-ms")

	token := client.must(b, 200, login(*made-1))["access_token"].(string)
	began = time.Now()
	for i := range measuredChanges {
		client.must(b, 200, request("PUT", "/org/update", token, object(map[string]string{
			"organization_name": fmt.Sprintf("Renamed %d %d", *made, i), "password": password,
		})))
	}
	b.ReportMetric(time.Since(began).Seconds()*1000/measuredChanges, "rename-ms")
	b.ReportMetric(e.program.memory(b, "VmRSS"), "MiB")
	if m, ok := e.native.(*mongoStore); ok {
		var status struct {
			Mem struct {
				Resident float64 `bson:"resident"`
			} `bson:"mem"`
		}
		if err := m.tenant.RunCommand(b.Context(), bson.D{{Key: "serverStatus", Value: 1}}).Decode(&status); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(status.Mem.Resident, "mongod-MiB")
	}
}
