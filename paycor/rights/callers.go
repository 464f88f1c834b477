package rights

import (
	"cmp"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// Operator is the caller behind a command on the server's own machine. An empty
// workspace means the default one.
func Operator(workspace string) paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerOperator, ID: "operator", Name: audit.NameOperator,
		Workspace: cmp.Or(workspace, paycor.DefaultWorkspace), Rights: paycor.AllRights(),
	}
}

// LocalAdministrator is the caller who opened a sign-in link printed on the
// server's own machine.
func LocalAdministrator() paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerPerson, ID: paycor.LocalAdministrator, Name: audit.NameLocalAdministrator,
		Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights(),
	}
}
