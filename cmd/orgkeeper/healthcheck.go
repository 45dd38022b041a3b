package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

// healthcheckTimeout is how long the server may take to say that it is ready.
const healthcheckTimeout = 3 * time.Second

// healthcheck asks the server that has the same configuration for /readyz.
func healthcheck(cmd *cobra.Command, _ []string) error {
	c, err := config.Load(envFile)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+reachable(c.HTTPAddr)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: healthcheckTimeout}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the server doesn't answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", response.Status)
	}
	return nil
}
