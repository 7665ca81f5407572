package story

import (
	"snafu/bot/slacksim"
	"snafu/manifests"
)

// cast is the workspace of the story: who is there, and where.
func cast() slacksim.Workspace {
	everybody := []string{"maya", "tom", "iris", "ken", "lena", "paul"}
	return slacksim.Workspace{
		Seed: 1,
		Team: slacksim.WorkspaceTeam{Name: "Sample", Domain: "sample", TZ: "UTC"},
		App:  slacksim.WorkspaceApp{Manifest: manifests.SlackApp()},
		People: []slacksim.WorkspacePerson{
			{ID: "U0MAYA00000", Name: "maya", RealName: "Maya", Title: "Marketing operations"},
			{ID: "U0TOM000000", Name: "tom", RealName: "Tom", Title: "Marketing automation admin"},
			{ID: "U0IRIS00000", Name: "iris", RealName: "Iris", Title: "CRM admin", Admin: true},
			{ID: "U0KEN000000", Name: "ken", RealName: "Ken", Title: "Data engineer"},
			{ID: "U0LENA00000", Name: "lena", RealName: "Lena", Title: "Marketing lead"},
			{ID: "U0PAUL00000", Name: "paul", RealName: "Paul", Title: "VP"},
			{ID: "U0GIL000000", Name: "gil", RealName: "Gil", Title: "Contractor", Guest: "multi"},
		},
		Channels: []slacksim.WorkspaceRoom{
			{Name: "general", Members: everybody},
			{Name: marketing[1:], Members: append(everybody, "gil")},
			{Name: central[1:], Members: everybody, App: true},
		},
	}
}

// The channels that are there before anything went wrong.
const (
	marketing = "#marketing-ops"
	central   = "#data-incidents"
)
