package web_test

import (
	"context"

	"paycorcred/paycor"
)

// trail is the audit trail of a service.
type trail struct {
	asked  paycor.AuditQuery
	after  int64
	page   paycor.AuditPage
	err    error
	lines  []paycor.AuditLine
	breaks error // after the lines
}

func (s *service) Audit(_ context.Context, query paycor.AuditQuery) (paycor.AuditPage, error) {
	s.trail.asked = query
	if err := s.note("audit"); err != nil {
		return paycor.AuditPage{}, err
	}
	return s.trail.page, s.trail.err
}

func (s *service) ExportAudit(_ context.Context, query paycor.AuditQuery, after int64, each func(paycor.AuditLine) error) error {
	s.trail.asked, s.trail.after = query, after
	if err := s.note("export audit"); err != nil {
		return err
	}
	if s.trail.err != nil {
		return s.trail.err
	}
	for _, line := range s.trail.lines {
		if err := each(line); err != nil {
			return err
		}
	}
	return s.trail.breaks
}
