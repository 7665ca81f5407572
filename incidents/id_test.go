package incidents_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func TestAKeyIsReadInEachFormThatPeopleType(t *testing.T) {
	for _, s := range []string{"SNAFU-42", "snafu-42", "Snafu-42", "#42"} {
		id, err := incidents.ParseID(s)
		require.NoError(t, err, s)
		require.Equal(t, incidents.ID(42), id)
	}
	for _, s := range []string{"42", "", "#", "SNAFU-", "SNAFU-0", "SNAFU-042", "#-1", "SNAFU-+1", "SNAFU-9999999999999999999999", "SNAFU-4 2", "sev2"} {
		_, err := incidents.ParseID(s)
		said, ok := refusal.As(err)
		require.True(t, ok, s)
		require.Equal(t, refusal.KindInvalid, said.Kind)
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"SNAFU-42", "#1", "42", "snafu-", "SNAFU-٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := incidents.ParseID(s)
		if err != nil {
			require.True(t, utf8.ValidString(err.Error()))
			return
		}
		again, err := incidents.ParseID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, again)
	})
}

func TestAPersonIsNoPartOfTheProgram(t *testing.T) {
	p, ok := incidents.Actor("T1/UANA").Person()
	require.True(t, ok)
	require.Equal(t, "UANA", p.User())
	require.Equal(t, "T1", p.Team())
	require.Equal(t, "<@UANA>", p.Mention())
	for _, a := range []incidents.Actor{"", incidents.System("watch")} {
		_, ok := a.Person()
		require.False(t, ok)
	}
	require.Equal(t, "<@UANA>, <@UBEN> and <@UCHI>", incidents.Mentions([]incidents.Person{"T1/UANA", "T1/UBEN", "T1/UCHI"}))
}

func TestTheChannelIsNamedAfterTheTitle(t *testing.T) {
	for _, c := range []struct {
		name, title, want string
		drill             bool
	}{
		{"plain", "Leads moved to SQL by mistake", "snafu-42-leads-moved-to-sql-by-mistake", false},
		{"a drill says so", "Leads moved", "drill-42-leads-moved", true},
		{"nothing of a-z or 0-9", "Ошибка ✓ <!channel>", "snafu-42-channel", false},
		{"nothing at all", "ошибка", "snafu-42", false},
		{"runs of signs", "  MQLs -> SQLs (1,000) !! ", "snafu-42-mqls-sqls-1-000", false},
		{"cut at a word", "one two three four five six seven eight nine ten eleven twelve thirteen fourteen", "snafu-42-one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve-thirteen", false},
		{"one endless word", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "snafu-42-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := incidents.ChannelName(42, c.title, c.drill)
			require.Equal(t, c.want, got)
			require.LessOrEqual(t, len(got), 80)
		})
	}
}
