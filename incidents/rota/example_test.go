package rota_test

import (
	"fmt"
	"time"

	"snafu/incidents"
	"snafu/incidents/rota"
)

func ExampleRota_OnCall() {
	r, err := rota.New(rota.Rule{
		Name: "crm-data", Zone: "Europe/London", Anchor: "2026-03-23", Handover: "09:00",
		Unit: rota.Weekly, Length: 1, Members: []incidents.Person{"T1/UANA", "T1/UBEN"},
	})
	if err != nil {
		panic(err)
	}
	duty := r.OnCall(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))
	fmt.Println(duty.People[0].User(), "until", duty.Until.In(r.Zone()).Format("Mon 15:04 MST"), "then", duty.Next[0].User())
	// Output: UANA until Mon 09:00 BST then UBEN
}
