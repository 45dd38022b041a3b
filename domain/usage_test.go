package domain

import (
	"errors"
	"math"
	"testing"
)

func TestNewQuota(t *testing.T) {
	for _, c := range []struct {
		documents, bytes int64
		wrong            []string
	}{
		{0, 0, nil},
		{1, math.MaxInt64, nil},
		{-1, 0, []string{"documents"}},
		{0, math.MinInt64, []string{"bytes"}},
		{-7, -8, []string{"documents", "bytes"}},
	} {
		q, err := NewQuota(c.documents, c.bytes)
		var told *Error
		if c.wrong == nil {
			if err != nil || q != (Quota{c.documents, c.bytes}) {
				t.Errorf("%d, %d: %v, %v", c.documents, c.bytes, q, err)
			}
			continue
		}
		if !errors.As(err, &told) || told.Code != CodeInvalidRequest || len(told.Fields) != len(c.wrong) {
			t.Fatalf("%d, %d: %v", c.documents, c.bytes, err)
		}
		for i, f := range told.Fields {
			if f.Field != c.wrong[i] {
				t.Errorf("%d, %d: %v", c.documents, c.bytes, told.Fields)
			}
		}
	}
}

func TestQuotaAdmits(t *testing.T) {
	const most = math.MaxInt64
	for _, c := range []struct {
		quota        Quota
		held, growth Usage
		want         bool
	}{
		{Quota{}, Usage{most, most}, Usage{most, most}, true},
		{Quota{Documents: 2}, Usage{1, 1}, Usage{1, most}, true},
		{Quota{Documents: 2}, Usage{2, 1}, Usage{1, 0}, false},
		{Quota{Documents: 2}, Usage{2, 1}, Usage{0, 1}, true},
		{Quota{Documents: 2}, Usage{9, 1}, Usage{0, 1}, true},
		{Quota{Documents: 2}, Usage{9, 1}, Usage{-3, 1}, true},
		{Quota{Bytes: 10}, Usage{1, 4}, Usage{1, 6}, true},
		{Quota{Bytes: 10}, Usage{1, 4}, Usage{1, 7}, false},
		{Quota{Bytes: 10}, Usage{1, 11}, Usage{1, 0}, true},
		{Quota{Bytes: 10}, Usage{1, 11}, Usage{1, -1}, true},
		{Quota{Documents: 2, Bytes: 10}, Usage{1, 4}, Usage{1, 7}, false},
		{Quota{Documents: 2, Bytes: 10}, Usage{2, 4}, Usage{1, 1}, false},
		{Quota{Documents: most}, Usage{most, 0}, Usage{1, 0}, false},
		{Quota{Documents: 1}, Usage{most, 0}, Usage{most, 0}, false},
	} {
		if got := c.quota.Admits(c.held, c.growth); got != c.want {
			t.Errorf("%+v with %+v and %+v: %v", c.quota, c.held, c.growth, got)
		}
	}
}

func TestQuotaPart(t *testing.T) {
	const most = math.MaxInt64
	for _, c := range []struct {
		quota       Quota
		held, least Usage
		want        Budget
	}{
		{Quota{}, Usage{7, 7}, Usage{}, Budget{most, most}},
		{Quota{160, 1600}, Usage{}, Usage{}, Budget{10, 100}},
		{Quota{160, 1600}, Usage{80, 0}, Usage{1, 7}, Budget{5, 100}},
		{Quota{160, 1600}, Usage{150, 1590}, Usage{3, 7}, Budget{3, 7}},
		{Quota{160, 0}, Usage{158, 1590}, Usage{3, 7}, Budget{2, most}},
		{Quota{160, 1600}, Usage{160, 2000}, Usage{3, 7}, Budget{0, 0}},
	} {
		if got := c.quota.Part(c.held, c.least, 16); got != c.want {
			t.Errorf("%+v with %+v, at least %+v: %+v, want %+v", c.quota, c.held, c.least, got, c.want)
		}
	}
}

func TestBudgetAdmits(t *testing.T) {
	for _, c := range []struct {
		spent, growth Usage
		want          bool
	}{
		{Usage{}, Usage{2, 20}, true},
		{Usage{1, 1}, Usage{2, 1}, false},
		{Usage{1, 1}, Usage{1, 20}, false},
		{Usage{2, 20}, Usage{}, true},
		{Usage{3, 30}, Usage{-1, 0}, true},
	} {
		if got := (Budget{2, 20}).Admits(c.spent, c.growth); got != c.want {
			t.Errorf("%+v and %+v: %v", c.spent, c.growth, got)
		}
	}
}
