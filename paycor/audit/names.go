package audit

// The names of callers that have none of their own, as the trail and other records
// keep them. The page shows them in its language.
const (
	NameLocalAdministrator = "Local administrator"
	NameOperator           = "Operator"
	NameServer             = "This server"
	NameActivationLink     = "Activation link"
)
