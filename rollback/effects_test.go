package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPlanSaysWhatBecomesOfEverythingThatItsWritesSetOff(t *testing.T) {
	t.Parallel()
	mail := Trigger{Name: "lead_mail", Fires: true}
	spares := Trigger{Name: "lead_sms", Fires: true, Guarded: true}
	asleep := Trigger{Name: "lead_del"}
	out, both := Sync{"push", "out", "U0TOM"}.String(), Sync{"map", "both", "U0TOM"}.String()
	for _, c := range []struct {
		name     string
		triggers []Trigger
		syncs    []string
		effects  Effects
		accepted []string
		says     string // of the refusal; "" for none
	}{
		{"nothing is set off", []Trigger{spares, asleep}, nil, EffectsNone, nil, ""},
		{"nobody has chosen", []Trigger{mail, spares}, nil, EffectsNone, nil, "Trigger lead_mail would fire."},
		{"a sync has to be chosen about as well", nil, []string{out}, EffectsNone, nil, "Sync push would be set off."},
		{"all of it is accepted", []Trigger{mail}, []string{out}, EffectsFire, nil, ""},
		{"all of it is held", []Trigger{mail}, []string{out, both}, EffectsHold, nil, ""},
		{"a trigger without the condition is named", []Trigger{mail, spares}, nil, EffectsGUC, nil, "No condition on snafu.rollback_id: trigger lead_mail."},
		{"a sync knows no condition", []Trigger{spares}, []string{out}, EffectsGUC, nil, "No condition on snafu.rollback_id: sync push."},
		{"what is accepted by name may fire", []Trigger{mail, spares}, []string{out}, EffectsGUC, []string{"trigger lead_mail", "sync push"}, ""},
		{"another name accepts nothing", []Trigger{mail}, nil, EffectsGUC, []string{"trigger lead_sms", "sync lead_mail"}, "trigger lead_mail."},
		{"a sync that copies both ways is no use to accept", nil, []string{both}, EffectsFire, nil, "Sync map copies both ways"},
		{"nor by name", nil, []string{both}, EffectsGUC, []string{"sync map"}, "Sync map copies both ways"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := leadSpec()
			s.Effects, s.Accepted = c.effects, c.accepted
			_, err := freezeOf(t, s, func(f *Freeze) { f.Inventory = Inventory{Triggers: c.triggers, Syncs: c.syncs} }).Propose(noon)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, "side-effect", code(t, err))
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestOnlyAPlanThatHoldsWaitsForOwners(t *testing.T) {
	t.Parallel()
	inv := Inventory{Triggers: []Trigger{{Name: "lead_mail", Fires: true}}, Syncs: []string{Sync{"map", "both", "U0TOM"}.String()}}
	s := leadSpec()
	require.Empty(t, s.ToHold(inv))
	s.Effects = EffectsHold
	require.Equal(t, []string{"trigger lead_mail", "sync map"}, s.ToHold(inv))
	require.Equal(t, []Sync{{"map", "both", "U0TOM"}}, inv.Copies())
	require.True(t, inv.Copies()[0].TwoWay())
	require.Contains(t, inv.Words(), "1 sync: map (both)")
	require.False(t, Held{}.Stands())
	require.True(t, Held{By: ben}.Stands())
	require.False(t, Held{By: ben, Released: true}.Stands())
	for word, want := range map[string]Effects{"fire": EffectsFire, " GUC": EffectsGUC, "hold": EffectsHold} {
		got, err := ParseEffects(word)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseEffects("off")
	require.Equal(t, "side-effect", code(t, err))
}
