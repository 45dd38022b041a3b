package cli

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// How long a completion may take, and how many organizations it offers.
const (
	completionTimeout = 2 * time.Second
	completionLimit   = 100
)

// completeIDs offers the IDs of organizations in the statuses, with their names.
func completeIDs(open Open, statuses ...domain.Status) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 || cmd.Flags().Changed("name") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offered(cmd, open, ports.OrganizationQuery{Statuses: statuses}, func(o domain.Organization) cobra.Completion {
			return cobra.CompletionWithDesc(visible(string(o.ID)), visible(o.Name.String()))
		})
	}
}

// completeNames offers the names of organizations in the statuses.
func completeNames(open Open, statuses []domain.Status) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		prefix, err := keyPrefix(typed)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		q := ports.OrganizationQuery{Statuses: statuses, NameKeyPrefix: prefix}
		return offered(cmd, open, q, func(o domain.Organization) cobra.Completion { return visible(o.Name.String()) })
	}
}

// offered lists organizations; of a store that doesn't answer soon it lists none.
func offered(
	cmd *cobra.Command, open Open, q ports.OrganizationQuery, completion func(domain.Organization) cobra.Completion,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
	defer cancel()
	s, err := open(ctx, Read, io.Discard)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer s.Close(ctx)
	q.Limit = completionLimit
	found, err := s.Service.ListOrganizations(ctx, q)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	completions := make([]cobra.Completion, len(found))
	for i, o := range found {
		completions[i] = completion(o)
	}
	return completions, cobra.ShellCompDirectiveNoFileComp
}

// completions offers all of the values.
func completions[T ~string](values []T) []cobra.Completion {
	all := make([]cobra.Completion, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}
