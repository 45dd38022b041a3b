package httpapi_test

import (
	"net/http/httptest"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/badrequests"
)

func TestBadRequests(t *testing.T) {
	service := &fake{}
	s := httptest.NewServer(server(t, service))
	t.Cleanup(s.Close)
	badrequests.Run(t, s.Client(), s.URL, goodToken)
	if service.calls != 0 {
		t.Errorf("%d bad requests got through to the store", service.calls)
	}
}
