package main

import (
	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

// printConfig prints the configuration in force.
func printConfig(cmd *cobra.Command, _ []string) error {
	c, err := config.Load(envFile)
	if err != nil {
		return err
	}
	return c.Print(cmd.OutOrStdout())
}
