package crash

import (
	"net/http"
	"net/url"
)

// request returns what asks for the change of an organization in the state.
func (o op) request(now state, token string) request {
	at := "/v1/organizations/" + now.id
	switch o.kind {
	case create:
		if o.strategy != "" {
			return request{
				method: http.MethodPost, path: "/v1/organizations", token: operatorToken, key: o.key,
				body: object{"name": o.name, "email": o.email, "password": password, "strategy": o.strategy},
			}
		}
		return request{
			method: http.MethodPost, path: "/org/create", key: o.key,
			body: object{"organization_name": o.name, "email": o.email, "password": password},
		}
	case update:
		body := object{"organization_name": o.name, "password": password}
		if o.email != "" {
			body["email"] = o.email
		}
		return request{method: http.MethodPut, path: "/org/update", token: token, body: body}
	case remove:
		return request{method: http.MethodDelete, path: "/org/delete?organization_name=" + url.QueryEscape(now.name), token: token}
	case change:
		return request{method: http.MethodPatch, path: at, token: operatorToken, body: o.fields()}
	case retire:
		return request{method: http.MethodDelete, path: at, token: operatorToken}
	case restore, suspend, activate, purge:
		return request{method: http.MethodPost, path: at + "/" + string(o.kind), token: operatorToken, body: o.fields()}
	}
	panic("crash: no such kind: " + o.kind)
}

// fields are what an operator asks for.
func (o op) fields() object {
	fields := object{}
	if o.name != "" {
		fields["name"] = o.name
	}
	if o.email != "" {
		fields["email"] = o.email
	}
	return fields
}

// success is the status that acknowledges the change.
func (o op) success() int {
	if o.kind == create {
		return http.StatusCreated
	}
	return http.StatusOK
}

// organization is the organization's ID in the answer to a create.
func (a answer) organization() string {
	if id := a.text("organization_id"); id != "" {
		return id
	}
	return a.text("id")
}
