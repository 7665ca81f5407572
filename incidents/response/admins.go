package response

import (
	"context"
	"fmt"
	"slices"

	"snafu/incidents"
)

// Admins are those who look after the whole of it; nobody if nobody is named. With
// an error they are those whom the configuration names one by one.
func (r *Response) Admins(ctx context.Context) ([]incidents.Person, error) {
	all := slices.Clone(r.o.Admins)
	if r.o.AdminGroup == "" || r.o.Group == nil {
		return all, nil
	}
	members, _, err := r.o.Group(ctx, r.o.AdminGroup)
	if err != nil {
		return all, fmt.Errorf("ask who is in the group of admins: %w", err)
	}
	for _, p := range members {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all, nil
}

// admin says whether somebody looks after the whole of it. Where Slack does not
// say who is in their group, only those named one by one do.
func (r *Response) admin(ctx context.Context, p incidents.Person) bool {
	all, _ := r.Admins(ctx)
	return slices.Contains(all, p)
}
