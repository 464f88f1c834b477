package web

import (
	"net/http"

	"paycorcred/paycor/api"
	"paycorcred/paycor/health"
)

// getHealth returns what the checks of the server found. The route is a background route,
// because the page asks again while it is open.
func getHealth(w http.ResponseWriter, r *http.Request, service api.Service) error {
	report, err := service.Health(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, presentHealth(report))
}

func presentHealth(report health.Report) health.Report {
	report.Findings = nonNil(report.Findings)
	return report
}
