package app

import (
	"context"

	"paycorcred/paycor"
)

// fakeAudit is the audit trail of a fakeService.
type fakeAudit struct {
	auditPage    paycor.AuditPage
	auditQueries []paycor.AuditQuery
	auditErr     error
}

func (f *fakeAudit) Audit(_ context.Context, query paycor.AuditQuery) (paycor.AuditPage, error) {
	f.auditQueries = append(f.auditQueries, query)
	return f.auditPage, f.auditErr
}

func (f *fakeAudit) ExportAudit(context.Context, paycor.AuditQuery, int64, func(paycor.AuditLine) error) error {
	return f.auditErr
}
