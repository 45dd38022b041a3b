package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// plain makes the act of a verb of a use case that takes nothing but the command.
func plain(
	act func(*app.Service, context.Context, app.Command) (domain.Organization, error),
) func(context.Context, *app.Service, app.Command, string) (domain.Organization, error) {
	return func(ctx context.Context, s *app.Service, c app.Command, _ string) (domain.Organization, error) {
		return act(s, ctx, c)
	}
}

// hold makes the act that sets a hold or lifts it.
func hold(on bool) func(context.Context, *app.Service, app.Command, string) (domain.Organization, error) {
	return func(ctx context.Context, s *app.Service, c app.Command, _ string) (domain.Organization, error) {
		return s.HoldOrganization(ctx, c, on)
	}
}

func rename(ctx context.Context, s *app.Service, c app.Command, name string) (domain.Organization, error) {
	updated, err := s.UpdateByOperator(ctx, c, app.Change{Name: &name})
	return updated.New, err
}

// restore returns the command that brings an organization back.
func restore() verb {
	var name string
	return verb{
		name:  "restore",
		short: "Bring a deleted organization back, as long as its data is kept",
		long:  "Brings a deleted organization back, active, with all its documents and its owner's\naccount, as long as its data is kept. Tokens from before stay dead.",
		route: "POST /v1/organizations/{id}/restore",
		of:    []domain.Status{domain.StatusDeleted},
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&name, "as", "", "the `name` to have; without it the one that it had")
		},
		act: func(ctx context.Context, s *app.Service, c app.Command, _ string) (domain.Organization, error) {
			return s.RestoreOrganization(ctx, c, name)
		},
	}
}

// verbs are the commands that change one organization.
func verbs() []verb {
	return []verb{
		{
			name:     "rename",
			argument: "NEW-NAME",
			short:    "Give an organization another name",
			long:     "Gives an organization another name, as its owner can: its namespace goes with the name.",
			route:    "PATCH /v1/organizations/{id}",
			of:       []domain.Status{domain.StatusActive, domain.StatusSuspended},
			act:      rename,
		},
		{
			name:  "suspend",
			short: "Shut an organization's accounts out until it is activated",
			long:  "Shuts an organization's accounts out: tokens and log-ins are refused until it is\nactivated. It keeps its name and all its data.",
			route: "POST /v1/organizations/{id}/suspend",
			of:    []domain.Status{domain.StatusActive},
			act:   plain((*app.Service).SuspendOrganization),
		},
		{
			name:  "activate",
			short: "End a suspension",
			route: "POST /v1/organizations/{id}/activate",
			of:    []domain.Status{domain.StatusSuspended},
			act:   plain((*app.Service).ActivateOrganization),
		},
		{
			name:     "delete",
			short:    "Delete an organization; its data is dropped at once, or after DELETE_RETENTION",
			long:     "Deletes an organization: its name is free and its tokens are dead. Its data is dropped at\nonce, or kept for DELETE_RETENTION, or for as long as it is on hold.",
			route:    "DELETE /v1/organizations/{id}",
			of:       []domain.Status{domain.StatusActive, domain.StatusSuspended},
			destroys: "This deletes an organization. Its data is dropped, at once unless DELETE_RETENTION or a hold keeps it:",
			act:      plain((*app.Service).DeleteByOperator),
		},
		restore(),
		{
			name:     "purge",
			short:    "Drop the data of a deleted organization before its time is over",
			long:     "Drops the data of a deleted organization before its time is over, for good. Its record\nstays with a receipt of what was dropped.",
			route:    "POST /v1/organizations/{id}/purge",
			of:       []domain.Status{domain.StatusDeleted},
			destroys: "This drops all data of a deleted organization, for good:",
			act:      plain((*app.Service).PurgeOrganization),
		},
		{
			name:  "hold",
			short: "Forbid to drop an organization's data until it is released",
			route: "POST /v1/organizations/{id}/hold",
			act:   hold(true),
		},
		{
			name:  "release",
			short: "Lift a hold",
			route: "POST /v1/organizations/{id}/release",
			act:   hold(false),
		},
		{
			name:  "retry",
			short: "Go on with an operation that is stuck or waits for its next attempt",
			route: "POST /v1/organizations/{id}/retry",
			act:   plain((*app.Service).RetryOperation),
		},
		{
			name:  "abort",
			short: "Make an operation go back, as long as it can",
			route: "POST /v1/organizations/{id}/abort",
			act:   plain((*app.Service).AbortOperation),
		},
	}
}
