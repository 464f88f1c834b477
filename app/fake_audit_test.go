package app

import (
	"context"

	"paycorcred/paycor/audit"
)

// fakeAudit is the audit trail of a fakeService.
type fakeAudit struct {
	auditPage    audit.Page
	auditQueries []audit.Query
	auditErr     error
}

func (f *fakeAudit) Audit(_ context.Context, query audit.Query) (audit.Page, error) {
	f.auditQueries = append(f.auditQueries, query)
	return f.auditPage, f.auditErr
}

func (f *fakeAudit) ExportAudit(context.Context, audit.Query, int64, func(audit.Line) error) error {
	return f.auditErr
}
