package response

// Asked are the statements that are asked all day long, by name, and the index
// that answers each.
var Asked = map[string][2]string{
	"list open":   {listOpen, "incidents_open "},
	"list mine":   {listMine, "incidents_open "},
	"list closed": {listEnded, "incidents_over"},
	"list all":    {listAll, "incidents_worst_first"},
	"last closed": {listLast, "incidents_last_ended"},
	"answers":     {findAnswers, "answers_pkey"},
	"acts":        {findContainments, "containments_pkey"},
	"get":         {findIncident, "incidents_pkey"},
	"by channel":  {findByChannel, "incidents_channel"},
	"open":        {findSame, "incidents_opened|incidents_open "},
	"by act":      {findOpenedBy, "incidents_opened_by_key"},
}
