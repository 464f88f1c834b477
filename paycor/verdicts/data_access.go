package verdicts

import "time"

// DataGroup is a group of Data Access rights as a person knows it.
type DataGroup string

// The groups, in the order in which they are shown.
const (
	GroupEmployees    DataGroup = "employees"
	GroupOrganisation DataGroup = "organisation"
	GroupPayroll      DataGroup = "payroll"
	GroupTime         DataGroup = "time" // time and attendance
)

// Readable says whether something can be read with a credential.
type Readable string

// What can be known of it.
const (
	ReadableYes     Readable = "yes"
	ReadableNo      Readable = "no"
	ReadableUnknown Readable = "unknown" // it could not be checked
)

// DataAccess is what a credential can read, found by asking for a little of
// each. It informs: no credential is rejected for it.
type DataAccess struct {
	CheckedAt time.Time     `json:"checked_at"`
	Groups    []GroupAccess `json:"groups"`
}

// GroupAccess is one group. It is readable where some of it is.
type GroupAccess struct {
	Group    DataGroup    `json:"group"`
	Readable Readable     `json:"readable"`
	Data     []ListAccess `json:"data"`
}

// ListAccess is one list within a group.
type ListAccess struct {
	Name     string   `json:"name"` // one of DataNames
	Readable Readable `json:"readable"`
}

// dataNames are the lists that are asked for, by group.
var dataNames = []struct {
	group DataGroup
	names []string
}{
	{GroupEmployees, []string{"employees", "persons"}},
	{GroupOrganisation, []string{"departments", "job_titles", "work_locations"}},
	{GroupPayroll, []string{"pay_groups", "pay_data", "earnings"}},
	{GroupTime, []string{"time_off_types", "time_off_accruals"}},
}

// ListNames returns the lists that are asked for, in the order of the groups.
func ListNames() []string {
	var all []string
	for _, group := range dataNames {
		all = append(all, group.names...)
	}
	return all
}

// NewDataAccess puts what is known of each list into its group. A list that
// is not in known could not be checked.
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

// Missing reports whether something is known not to be readable.
func (a *DataAccess) Missing() bool {
	for _, group := range a.Groups {
		for _, datum := range group.Data {
			if datum.Readable == ReadableNo {
				return true
			}
		}
	}
	return false
}
