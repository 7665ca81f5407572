package response_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

func withWays(o *response.Options) {
	o.Ways = response.Ways{
		Mail: true, Telephone: true,
		CheckEmail: func(string) error { return nil },
		CheckPhone: func(number string) error {
			if number[0] != '+' {
				return errors.New("that is no telephone number")
			}
			return nil
		},
	}
}

func (h *house) code(p incidents.Person, way string) string {
	h.t.Helper()
	code, _, err := h.NewCode(h.t.Context(), p, way)
	require.NoError(h.t, err)
	return code
}

// called says in which ways the people of the newest call are called.
func (h *house) calledBy(id incidents.ID) (ways []string) {
	h.t.Helper()
	pages, err := h.Pages(h.t.Context(), id)
	require.NoError(h.t, err)
	for _, s := range pages[len(pages)-1].Sends {
		ways = append(ways, s.Way)
	}
	return ways
}

// wrong is a code that is not the one given.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestANumberCountsOnceItsOwnerHasTypedBackWhatWasSentToIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withWays)
	ctx := t.Context()
	refused(t, h.SetContact(ctx, h.by(ben), "fax", "1"), refusal.KindInvalid, "by phone or by email")
	refused(t, h.SetContact(ctx, h.by(ben), "phone", "0170"), refusal.KindInvalid, "no telephone number")
	require.NoError(t, h.SetContact(ctx, h.by(ben), "phone", "+442079460000"))
	old := h.code(ben, "phone")
	code := h.code(ben, "phone")
	require.Regexp(t, `^[0-9]{6}$`, code)
	require.Empty(t, h.calledBy(h.open(response.OpenRequest{System: "crm"})), "a number that nobody has verified is not called")

	_, err := h.Verify(ctx, h.by(chi), code)
	refused(t, err, refusal.KindInvalid, "not the code")
	if old != code {
		_, err = h.Verify(ctx, h.by(ben), old)
		refused(t, err, refusal.KindInvalid, "not the code")
	}
	done, err := h.Verify(ctx, h.by(ben), code[:3]+" "+code[3:])
	require.NoError(t, err)
	require.Equal(t, "+442079460000", done.Address)
	_, err = h.Verify(ctx, h.by(ben), code)
	refused(t, err, refusal.KindInvalid, "not the code")
	require.Equal(t, []string{incidents.ByPhone}, h.calledBy(h.open(response.OpenRequest{Title: "Prices are off", System: "crm"})))
	refused(t, h.SetContact(ctx, h.by(ben), "phone", "+442079460000"), refusal.KindConflict, "counts already")

	require.NoError(t, h.SetContact(ctx, h.by(ben), "phone", "+442079460009"))
	to, err := h.Reached(ctx, ben, "phone")
	require.NoError(t, err)
	require.Empty(t, to, "another number is verified anew")
	require.NoError(t, h.ForgetContact(ctx, h.by(ben), "phone"))
	refused(t, h.ForgetContact(ctx, h.by(ben), "phone"), refusal.KindNotFound, "You have no phone")
	require.Empty(t, h.code(ben, "phone"), "a job that comes late sends nothing")
}

func TestACodeEndsAfterTenMinutesAndAfterFiveWrongOnes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withWays)
	ctx := t.Context()
	require.NoError(t, h.SetContact(ctx, h.by(ben), "email", "ben@example.com"))
	code := h.code(ben, "email")
	h.pass(10*time.Minute + time.Second)
	_, err := h.Verify(ctx, h.by(ben), code)
	refused(t, err, refusal.KindInvalid, "within the last ten minutes")

	code = h.code(ben, "email")
	for range 5 {
		_, err = h.Verify(ctx, h.by(ben), wrong(code))
		refused(t, err, refusal.KindInvalid, "not the code")
	}
	_, err = h.Verify(ctx, h.by(ben), code)
	refused(t, err, refusal.KindConflict, "5 wrong codes")

	require.NoError(t, h.SetContact(ctx, h.by(ben), "phone", "+442079460000"))
	spent := h.code(ben, "phone")
	for range 5 {
		_, err = h.Verify(ctx, h.by(ben), wrong(spent))
		require.Error(t, err)
	}
	code = h.code(ben, "email")
	_, err = h.Verify(ctx, h.by(ben), code)
	require.NoError(t, err, "what was guessed of the telephone keeps no e-mail address from counting")
	require.NoError(t, h.ForgetContact(ctx, h.by(ben), "email"))
	all, err := h.Contacts(ctx, ben)
	require.NoError(t, err)
	require.Len(t, all, 1, "what was forgotten is not shown")
	require.NoError(t, h.SetContact(ctx, h.by(ben), "email", "ben@example.com"), "a fourth one")

	for range 2 {
		code = h.code(ben, "email")
	}
	require.NoError(t, h.ForgetContact(ctx, h.by(ben), "email"), "which is no way to get more codes of a day")
	refused(t, h.SetContact(ctx, h.by(ben), "email", "ben@example.com"), refusal.KindConflict, "5 codes were sent to you today")
	h.pass(24 * time.Hour)
	require.NoError(t, h.SetContact(ctx, h.by(ben), "email", "ben@example.com"))
	_, err = h.Verify(ctx, h.by(ben), h.code(ben, "email"))
	require.NoError(t, err)
	var clear int
	require.NoError(t, h.db.Pool().QueryRow(ctx, `select count(*) from contacts where position($1::bytea in coalesce(code, '')) > 0`, []byte(code)).Scan(&clear))
	require.Zero(t, clear, "no code is kept")
}

func TestWhatTheConfigurationEntersIsAskedForOnceAndCountsAsLittle(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withWays)
	ctx := t.Context()
	entered := []response.Contact{{Person: ben, Way: incidents.ByPhone, Address: "+442079460000"}}
	for range 2 {
		require.NoError(t, h.SeedContacts(ctx, entered))
	}
	var asked int
	require.NoError(t, h.db.Pool().QueryRow(ctx, `select count(*) from river.river_job where kind = 'ask-contact'`).Scan(&asked))
	require.Equal(t, 1, asked)
	require.Empty(t, h.calledBy(h.open(response.OpenRequest{System: "crm"})))
	_, err := h.Verify(ctx, h.by(ben), h.code(ben, "phone"))
	require.NoError(t, err)
	require.NoError(t, h.SeedContacts(ctx, entered), "a start later changes nothing")
	to, err := h.Reached(ctx, ben, "phone")
	require.NoError(t, err)
	require.Equal(t, "+442079460000", to)
}
