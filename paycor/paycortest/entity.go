package paycortest

import "net/http"

// Right is one checkbox on an application's Data Access tab. Only the first name is
// Paycor's; the others are invented.
type Right string

// The rights the simulator knows.
const (
	ViewLegalEntity   Right = "View Legal Entity Basic Information"
	ViewEmployees     Right = "View Employees"
	ManageEmployees   Right = "Manage Employees"
	ViewDepartments   Right = "View Departments"
	ViewJobTitles     Right = "View Job Titles"
	ViewPayData       Right = "View Pay Data"
	ViewPayGroups     Right = "View Pay Groups"
	ViewTimeOffTypes  Right = "View Time Off Types"
	ViewWorkLocations Right = "View Work Locations"
	ViewPersons       Right = "View Persons"
	ViewEarnings      Right = "View Earnings"
	ViewTimeOff       Right = "View Time Off Accruals"
)

// AllRights returns every right the simulator knows.
func AllRights() []Right {
	return []Right{ViewLegalEntity, ViewEmployees, ManageEmployees, ViewDepartments, ViewJobTitles,
		ViewPayData, ViewPayGroups, ViewTimeOffTypes, ViewWorkLocations, ViewPersons, ViewEarnings, ViewTimeOff}
}

// Entity is a legal entity, which other parts of Paycor's API call a client.
// The tenant is the company above it.
type Entity struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	TenantID int    `json:"tenant_id"`
	Lost     bool   `json:"lost,omitempty"` // has left Paycor
	// NotActivated keeps the entity out of every activation: it exists, but calls
	// for it end in 403.
	NotActivated bool `json:"not_activated,omitempty"`
	// Records is how many records each list holds ("employees", "payGroups", …);
	// three by default.
	Records map[string]int `json:"records,omitempty"`
}

func (e Entity) records(group string) int {
	if n, said := e.Records[group]; said {
		return n
	}
	return 3
}

// activatedList returns which entities the token covers. It needs no right.
func activatedList(c *call) answer {
	type row struct {
		LegalEntityID int `json:"legalEntityId"`
		TenantID      int `json:"tenantId"`
	}
	rows := []row{}
	if _, hidden := c.fault(EntityNotActivated); !hidden {
		for _, entity := range c.covered() {
			rows = append(rows, row{entity.ID, entity.TenantID})
		}
	}
	return jsonAnswer(http.StatusOK, map[string]any{"userLegalEntities": rows})
}

// legalEntity returns one entity.
func legalEntity(c *call) answer {
	entity, refusal := c.entity(c.path["id"], ViewLegalEntity)
	if refusal != nil {
		return *refusal
	}
	if _, lost := c.fault(IsLost); lost {
		entity.Lost = true
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"id":     entity.ID,
		"name":   entity.Name,
		"isLost": entity.Lost,
		"type":   "Standard",
		"tenant": map[string]any{"id": entity.TenantID, "url": "/v1/tenants/" + itoa(entity.TenantID)},
	})
}
