package response

// Asked are the statements that are asked all day long, by name, as a prepared
// statement with its arguments and the index that answers it.
var Asked = map[string][4]string{
	"list open":   {"int, int, text, text[], bool", listOpen, "20, 0, 'T1/UANA', '{}', false", "incidents_open "},
	"list mine":   {"int, int, text, text[], bool", listMine, "20, 0, 'T1/UANA', '{}', false", "incidents_open "},
	"list closed": {"int, int, text, text[], bool", listEnded, "20, 0, 'T1/UANA', '{}', false", "incidents_over"},
	"list all":    {"int, int, text, text[], bool", listAll, "20, 0, 'T1/UANA', '{}', false", "incidents_worst_first"},
	"get":         {"bigint", findIncident, "1", "incidents_pkey"},
	"by channel":  {"text", findByChannel, "'C1'", "incidents_channel"},
	"open":        {"text, text, timestamptz", findSame, "'T1/UANA', 'Leads moved', now() - interval '1 minute'", "incidents_opened|incidents_open "},
	"by act":      {"text", findOpenedBy, "'test:1'", "incidents_opened_by_key"},
}
