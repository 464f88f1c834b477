package rights

import (
	"cmp"

	"paycorcred/paycor"
)

// Operator is the caller behind a command on the server's own machine. An empty
// workspace means the default one.
func Operator(workspace string) paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerOperator, ID: "operator", Name: "Operator",
		Workspace: cmp.Or(workspace, paycor.DefaultWorkspace), Rights: paycor.AllRights(),
	}
}

// LocalAdministrator is the caller who opened a sign-in link printed on the
// server's own machine.
func LocalAdministrator() paycor.Caller {
	return paycor.Caller{
		Kind: paycor.CallerPerson, ID: paycor.LocalAdministrator, Name: "Local administrator",
		Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights(),
	}
}
