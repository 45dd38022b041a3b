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
		if name == "DocumentsOf" { // no use case: it does nothing
			continue
		}
		t.Run(name, func(t *testing.T) {
			if began := spanOf(t, name, func(s *tracedService) any { return s }); began != name {
				t.Errorf("the span is %q", began)
			}
		})
	}
}

func TestEveryUseCaseOnDocumentsIsTraced(t *testing.T) {
	names := map[string]string{
		"Get": "GetDocument", "List": "ListDocuments", "Count": "CountDocuments", "Put": "PutDocument",
		"Create": "CreateDocument", "Delete": "DeleteDocument", "Batch": "WriteDocuments",
	}
	of := reflect.TypeFor[httpapi.Documents]()
	for i := range of.NumMethod() {
		name := of.Method(i).Name
		t.Run(name, func(t *testing.T) {
			began := spanOf(t, name, func(s *tracedService) any { return &tracedDocuments{service: s} })
			if began != names[name] || began == "" {
				t.Errorf("the span is %q", began)
			}
		})
	}
}

// spanOf calls a method with nothing but a context, and returns the span that it begins.
func spanOf(t *testing.T, name string, on func(*tracedService) any) (began string) {
	s := &tracedService{begin: func(ctx context.Context, name string) (context.Context, func(error)) {
		began = name
		return ctx, func(error) {}
	}}
	method := reflect.ValueOf(on(s)).MethodByName(name)
	args := make([]reflect.Value, method.Type().NumIn())
	for i := range args {
		args[i] = reflect.Zero(method.Type().In(i))
	}
	args[0] = reflect.ValueOf(t.Context())
	defer func() { _ = recover() }()
	method.Call(args)
	return began
}
