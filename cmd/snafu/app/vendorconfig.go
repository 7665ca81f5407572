package app

import (
	"maps"
	"slices"
	"strings"
	"time"

	"snafu/incidents/notify"
	"snafu/incidents/response"
)

// VendorConfig is a company whose support helps with a system.
type VendorConfig struct {
	Title    string        `yaml:"title"`
	Hours    string        `yaml:"hours"`
	Phone    string        `yaml:"phone"`
	Contract string        `yaml:"contract"`
	URL      string        `yaml:"url"`
	CaseURL  string        `yaml:"case_url"`
	Response time.Duration `yaml:"response"` // in which it promises an answer
}

func (v VendorConfig) check(d *decoder, name string) {
	path := "vendors." + name
	if !nameRule.MatchString(name) || name == "vendor" || name == "customer" || name == "answered" {
		d.fault(path, "%q is not possible as a name. Write a word of small letters, digits, - and _, other than vendor, customer and answered.", name)
	}
	for key, address := range map[string]string{"url": v.URL, "case_url": v.CaseURL} {
		if err := notify.CheckURL(address); address != "" && err != nil {
			d.fault(path+"."+key, "The address is not possible: %s.", err)
		}
	}
	checkCaseURL(d, path+".case_url", v.CaseURL)
	if v.Response != 0 && (v.Response < time.Minute || v.Response > 30*24*time.Hour) {
		d.fault(path+".response", "A vendor that answers within %s is not possible. Write 1m to 30d.", v.Response)
	}
}

func checkCaseURL(d *decoder, path, address string) {
	if address != "" && !strings.Contains(address, "{ref}") {
		d.fault(path, "The address of a case holds {ref} where its number stands: https://support.example.com/cases/{ref}.")
	}
}

func (c Config) checkVendors(d *decoder) {
	for name, v := range c.Vendors {
		v.check(d, name)
	}
	if err := notify.CheckURL(c.CustomerCaseURL); c.CustomerCaseURL != "" && err != nil {
		d.fault("customer_case_url", "The address is not possible: %s.", err)
	}
	checkCaseURL(d, "customer_case_url", c.CustomerCaseURL)
	for name, s := range c.Sources {
		if _, ok := c.Vendors[s.Vendor]; s.Vendor != "" && !ok {
			d.fault("sources."+name+".vendor", "There is no vendor %q. Declare it under vendors.", s.Vendor)
		}
	}
}

func (c Config) vendors() (all []response.Vendor) {
	for _, name := range slices.Sorted(maps.Keys(c.Vendors)) {
		v := c.Vendors[name]
		all = append(all, response.Vendor{
			Name: name, Title: v.Title, Hours: v.Hours, Phone: v.Phone, Contract: v.Contract, URL: v.URL, CaseURL: v.CaseURL, Within: v.Response,
		})
	}
	return all
}
