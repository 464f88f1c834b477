package web_test

import (
	"context"

	"paycorcred/paycor/audit"
)

// trail is the audit trail of a fakeService.
type trail struct {
	asked  audit.Query
	after  int64
	page   audit.Page
	err    error
	lines  []audit.Line
	breaks error // after the lines
}

func (s *fakeService) Audit(_ context.Context, query audit.Query) (audit.Page, error) {
	s.trail.asked = query
	if err := s.note("audit"); err != nil {
		return audit.Page{}, err
	}
	return s.trail.page, s.trail.err
}

func (s *fakeService) ExportAudit(_ context.Context, query audit.Query, after int64, each func(audit.Line) error) error {
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
