package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

var errQuota = WrongUsage(errors.New("say the quota: --documents and --bytes, 0 for no bound, or --default alone for the deployment's"))

func usageCommand(open Open, out *output) *cobra.Command {
	return looking(&cobra.Command{
		Use:   "usage [ID]",
		Short: "Show how many documents and bytes an organization holds, and its quota",
		Long:  "Shows how many documents and bytes an organization holds, and its quota. What was measured\nin the last 10 minutes is shown; without that it is measured now.",
	}, open, func(ctx context.Context, cmd *cobra.Command, s Store, o domain.Organization) error {
		usage, err := s.Service.OrganizationUsage(ctx, o.ID)
		if err != nil {
			return err
		}
		return out.printUsage(cmd, usage)
	})
}

func quotaCommand(open Open, out *output) *cobra.Command {
	var t target
	var documents, bytes int64
	var unset bool
	c := &cobra.Command{
		Use:               "quota [ID] {--documents N --bytes N | --default}",
		Short:             "Give an organization a quota of its own, or the deployment's again",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeIDs(open),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, _, err := t.take(args, 0)
			if err != nil {
				return err
			}
			set := cmd.Flags().Changed
			route, quota := "DELETE /v1/organizations/{id}/quota", (*domain.Quota)(nil)
			switch {
			case unset && !set("documents") && !set("bytes"):
			case !unset && set("documents") && set("bytes"):
				route, quota = "PUT /v1/organizations/{id}/quota", &domain.Quota{Documents: documents, Bytes: bytes}
			default:
				return errQuota
			}
			err = t.on(cmd, open, Change, id, func(ctx context.Context, s Store, o domain.Organization) error {
				usage, err := s.Service.SetQuota(ctx, o.ID, quota)
				if err != nil {
					return err
				}
				return out.printUsage(cmd, usage)
			})
			return advise(err, "ask it, by "+route)
		},
	}
	t.addTo(c, open)
	c.Flags().Int64Var(&documents, "documents", 0, "how many documents it may hold; 0 is no bound")
	c.Flags().Int64Var(&bytes, "bytes", 0, "how many bytes its documents may have; 0 is no bound")
	c.Flags().BoolVar(&unset, "default", false, "no quota of its own: QUOTA_DOCUMENTS and QUOTA_BYTES apply")
	return c
}

// printUsage writes one usage.
func (o *output) printUsage(cmd *cobra.Command, u app.OrganizationUsage) error {
	w := cmd.OutOrStdout()
	if o.json() {
		return writeJSON(w, httpapi.RepresentUsage(u))
	}
	return describeUsage(w, u)
}

func describeUsage(w io.Writer, u app.OrganizationUsage) error {
	whose := "the deployment's"
	if u.Own {
		whose = "its own"
	}
	_, err := fmt.Fprintf(w, "documents    %d of %s\nbytes        %d of %s\nquota        %s\nmeasured at  %s\n",
		u.Documents, bound(u.Quota.Documents), u.Bytes, bound(u.Quota.Bytes), whose, u.MeasuredAt.UTC().Format(time.RFC3339))
	return err
}

func bound(n int64) string {
	if n == 0 {
		return "any number"
	}
	return fmt.Sprint(n)
}
