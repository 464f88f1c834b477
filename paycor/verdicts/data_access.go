package verdicts

import (
	"slices"
	"time"

	"paycorcred/paycor/message"
)

// DataGroup is a group of Data Access rights as people know it.
type DataGroup string

// The groups, in the order in which they are shown.
const (
	GroupEmployees    DataGroup = "employees"
	GroupOrganization DataGroup = "organisation"
	GroupPayroll      DataGroup = "payroll"
	GroupTime         DataGroup = "time" // time and attendance
)

// Readable says whether a list can be read with a credential.
type Readable string

// The values.
const (
	ReadableYes     Readable = "yes"
	ReadableNo      Readable = "no"
	ReadableUnknown Readable = "unknown" // could not be checked
)

// DataAccess says what a credential can read, found by access probes. It is informative:
// no credential is rejected because of it.
type DataAccess struct {
	CheckedAt time.Time     `json:"checked_at"`
	Groups    []GroupAccess `json:"groups"`
}

// GroupAccess is one group. It is readable if one of its lists is.
type GroupAccess struct {
	Group    DataGroup    `json:"group"`
	Readable Readable     `json:"readable"`
	Data     []ListAccess `json:"data"`
}

// ListAccess is one list in a group.
type ListAccess struct {
	Name     string   `json:"name"` // one of ListNames
	Readable Readable `json:"readable"`
}

// dataNames are the probed lists by group.
var dataNames = []struct {
	group DataGroup
	names []string
}{
	{GroupEmployees, []string{"employees", "persons"}},
	{GroupOrganization, []string{"departments", "job_titles", "work_locations"}},
	{GroupPayroll, []string{"pay_groups", "pay_data", "earnings"}},
	{GroupTime, []string{"time_off_types", "time_off_accruals"}},
}

// ListNames returns the probed lists in the order of the groups.
func ListNames() []string {
	var all []string
	for _, group := range dataNames {
		all = append(all, group.names...)
	}
	return all
}

// NewDataAccess groups what is known about each list. A list that is missing from known
// could not be checked.
func NewDataAccess(known map[string]Readable, at time.Time) *DataAccess {
	access := &DataAccess{CheckedAt: at}
	for _, group := range dataNames {
		found := GroupAccess{Group: group.group, Readable: ReadableNo}
		for _, name := range group.names {
			readable, ok := known[name]
			if !ok {
				readable = ReadableUnknown
			}
			found.Data = append(found.Data, ListAccess{name, readable})
			switch {
			case readable == ReadableYes:
				found.Readable = ReadableYes
			case readable == ReadableUnknown && found.Readable == ReadableNo:
				found.Readable = ReadableUnknown
			}
		}
		access.Groups = append(access.Groups, found)
	}
	return access
}

// Counts returns how many lists can be read, are denied, and could not be checked.
func (a *DataAccess) Counts() (readable, denied, unknown int) {
	for _, group := range a.Groups {
		for _, list := range group.Data {
			switch list.Readable {
			case ReadableYes:
				readable++
			case ReadableNo:
				denied++
			default:
				unknown++
			}
		}
	}
	return readable, denied, unknown
}

// Missing reports whether some list is known to be unreadable.
func (a *DataAccess) Missing() bool {
	_, denied, _ := a.Counts()
	return denied > 0
}

// MostlyDenied reports whether most of the lists are known to be unreadable.
func (a *DataAccess) MostlyDenied() bool {
	readable, denied, unknown := a.Counts()
	return denied > readable+unknown
}

// DeniedGroups returns the groups of which nothing can be read.
func (a *DataAccess) DeniedGroups() []DataGroup {
	var denied []DataGroup
	for _, group := range a.Groups {
		if group.Readable == ReadableNo {
			denied = append(denied, group.Group)
		}
	}
	return denied
}

// NoteNameDenied is the note of the step that verified a legal entity which the
// application may not read.
var NoteNameDenied = message.New("step.note.name-denied")

// WithDataAccess returns a verified verdict with the result of an access probe. If
// Paycor denied the legal entity and every list, the verdict says so.
func (v Verdict) WithDataAccess(access *DataAccess) Verdict {
	if v.Outcome != OutcomeVerified || access == nil {
		return v
	}
	readable, _, unknown := access.Counts()
	code := CodeVerified
	if v.entityDenied() && readable == 0 && unknown == 0 {
		code = CodeVerifiedNoAccess
	}
	said := code.Verdict()
	v.Code, v.Message, v.Remedy, v.DataAccess = code, said.Message, said.Remedy, access
	return v
}

// entityDenied reports whether Paycor denied reading the legal entity itself.
func (v Verdict) entityDenied() bool {
	return slices.ContainsFunc(v.Steps, func(step Step) bool {
		return step.Name == StepLegalEntity && step.Note.Key == NoteNameDenied.Key
	})
}
