package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

const caseUsage = "Write `/snafu case vendor 4711`, `/snafu case customer 4711`, or once they answer `/snafu case answered 4711`."

// linkCase handles "case vendor|customer REF [TEXT]", "case VENDOR REF", "case
// answered REF [TEXT]", their form and the button of a vendor's card.
func (b *Bot) linkCase(ctx context.Context, c command) (reply, error) {
	if !c.form && c.stamp.Choice != "" {
		return quiet, b.o.Response.CaseAnswered(ctx, c.act(), c.incident, c.stamp.Choice, "")
	}
	if !c.form && strings.EqualFold(c.arg(0), "answered") {
		return quiet, b.o.Response.CaseAnswered(ctx, c.act(), c.incident, c.arg(1), c.text(2))
	}
	req, err := b.caseRequest(c)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.LinkCase(ctx, c.act(), c.incident, req)
}

func (b *Bot) caseRequest(c command) (response.CaseRequest, error) {
	if c.form {
		req := response.CaseRequest{Whom: incidents.CaseVendor, Vendor: c.in.fields.get("whom"), Ref: c.in.fields.get("ref"), Text: c.in.fields.get("text")}
		if req.Vendor == customerCase {
			req.Whom, req.Vendor = incidents.CaseCustomer, ""
		}
		return req, nil
	}
	at := 1
	var req response.CaseRequest
	switch word := strings.ToLower(c.arg(0)); word {
	case incidents.CaseCustomer:
		req.Whom = incidents.CaseCustomer
	case incidents.CaseVendor:
		req.Whom = incidents.CaseVendor
		if v, ok := b.o.Response.Vendor(c.arg(1)); ok && c.arg(2) != "" {
			req.Vendor, at = v.Name, 2
		}
	default:
		v, ok := b.o.Response.Vendor(word)
		if !ok {
			return req, refusal.Invalid("%q is neither vendor nor customer. %s", short(c.arg(0)), caseUsage)
		}
		req.Whom, req.Vendor = incidents.CaseVendor, v.Name
	}
	req.Ref, req.Text = c.arg(at), c.text(at+1)
	return req, nil
}

// customerCase is the choice of a form that names no vendor. No vendor is called
// so: their names begin with a letter.
const customerCase = "-customer"

func (b *Bot) caseForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	f := view.CaseForm{Stamp: c.stamp, Whom: c.stamp.Choice}
	f.Stamp.Choice = ""
	for _, v := range b.o.Response.Vendors() {
		f.Whose = append(f.Whose, view.Option{Value: v.Name, Label: v.Called()})
	}
	if f.Whom == "" && len(f.Whose) == 1 {
		f.Whom = f.Whose[0].Value
	}
	f.Whose = append(f.Whose, view.Option{Value: customerCase, Label: "A customer's"})
	return view.CaseModal(f), nil
}

func checkCase(c command) map[string]string {
	if _, err := incidents.CheckRef(c.in.fields.get("ref")); err != nil {
		return map[string]string{"ref": "Write the number of the case, with at most 60 characters."}
	}
	if c.in.fields.get("whom") == "" {
		return map[string]string{"whom": "Whose case is it?"}
	}
	return nil
}

// vendorCard draws what to tell a vendor, from rows as they are now.
func (b *Bot) vendorCard(ctx context.Context, inc incidents.Incident, name string) (view.Message, error) {
	call, err := b.o.Response.VendorCall(ctx, inc.ID, name)
	if err != nil {
		if r, refused := refusal.As(err); refused && r.Kind == refusal.KindNotFound {
			return view.Message{}, errUnchanged // a case of a vendor whom nobody asked here
		}
		return view.Message{}, err
	}
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return view.Message{}, err
	}
	v := call.Vendor
	return view.Vendor(view.VendorCard{
		Incident: inc, Summary: incidents.Summarize(inc, moment), Vendor: v.Name, Title: v.Called(), Hours: v.Hours, Phone: v.Phone,
		Contract: v.Contract, URL: v.URL, Within: v.Within, Why: call.Why, By: call.By, Cases: call.Cases,
	}), nil
}

// whoHelps is one line about who can help with an incident's system, for whoever is
// about to change it; none where that is not known.
func (b *Bot) whoHelps(ctx context.Context, id incidents.ID) []string {
	h, err := b.o.Response.Help(ctx, id)
	if err != nil {
		b.log.WarnContext(ctx, "look who can help", "err", err)
		return nil
	}
	return []string{view.WhoHelps(h.OnCall, h.Rota, h.Vendor)}
}
