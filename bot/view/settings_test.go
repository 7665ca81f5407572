package view

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// A form that is sent as it was drawn changes no address.
func TestTheFormsHoldAnAddressAsLongAsItIs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("data-quality.", 15) + "team@example.com"
	rows := []ContactRow{{Way: incidents.ByEmail, Address: long}}
	for name, form := range map[string]any{
		"settings": SettingsModal(SettingsForm{Ways: []string{incidents.ByEmail}, Contacts: rows}),
		"contact":  ContactModal(Stamp{}, rows),
	} {
		drawn, err := json.Marshal(form)
		require.NoError(t, err)
		require.Contains(t, string(drawn), `"initial_value":"`+long+`"`, name)
	}
}
