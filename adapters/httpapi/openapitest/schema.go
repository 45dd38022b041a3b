package openapitest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const resource = "https://openapi.invalid/openapi.json"

// validate checks a body against the schema at a JSON pointer.
func (d *Document) validate(pointer string, body []byte) error {
	schema, err := d.schema(pointer)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("the body is not as documented: %w", err)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	target := schema
	for target.Ref != nil {
		target = target.Ref
	}
	if _, described := target.AdditionalProperties.(*jsonschema.Schema); described {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, ok := target.Properties[name]; !ok {
			return fmt.Errorf("the body's member %q is not documented", name)
		}
	}
	return nil
}

func (d *Document) schema(pointer string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.known[pointer]; ok {
		return s, nil
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(resource, d.raw); err != nil {
		return nil, fmt.Errorf("openapitest: %w", err)
	}
	s, err := c.Compile(resource + "#" + pointer)
	if err != nil {
		return nil, fmt.Errorf("openapitest: %w", err)
	}
	d.known[pointer] = s
	return s, nil
}

// CheckExamples returns an error unless every example of a body in the document
// is what its schema asks for.
func (d *Document) CheckExamples() error {
	for path, methods := range d.root.Paths {
		for method, op := range methods {
			for status, r := range op.Responses {
				for name, m := range r.Content {
					pointer := "/paths/" + escape(path) + "/" + method + "/responses/" + status + "/content/" + escape(name)
					for key := range m.Examples {
						if err := d.checkExample(pointer, key); err != nil {
							return fmt.Errorf("%s %s %s, example %s: %w", strings.ToUpper(method), path, status, key, err)
						}
					}
				}
			}
		}
	}
	return nil
}

func (d *Document) checkExample(pointer, key string) error {
	schema, err := d.schema(pointer + "/schema")
	if err != nil {
		return err
	}
	at := d.raw
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer+"/examples/"+escape(key)+"/value", "/"), "/") {
		object, ok := at.(map[string]any)
		if !ok {
			return fmt.Errorf("there is none")
		}
		at = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	return schema.Validate(at)
}
