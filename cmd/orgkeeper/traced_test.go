package main

import (
	"context"
	"reflect"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
)

// TestEveryUseCaseIsTraced calls each method on a service that isn't there: one that
// tracedService leaves out panics before a span begins.
func TestEveryUseCaseIsTraced(t *testing.T) {
	of := reflect.TypeFor[httpapi.Service]()
	for i := range of.NumMethod() {
		name := of.Method(i).Name
		t.Run(name, func(t *testing.T) {
			var began string
			s := &tracedService{begin: func(ctx context.Context, name string) (context.Context, func(error)) {
				began = name
				return ctx, func(error) {}
			}}
			method := reflect.ValueOf(s).MethodByName(name)
			args := make([]reflect.Value, method.Type().NumIn())
			for i := range args {
				args[i] = reflect.Zero(method.Type().In(i))
			}
			args[0] = reflect.ValueOf(t.Context())
			func() {
				defer func() { _ = recover() }()
				method.Call(args)
			}()
			if began != name {
				t.Errorf("the span is %q", began)
			}
		})
	}
}
