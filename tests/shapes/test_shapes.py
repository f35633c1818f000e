"""Every shape and check: a source that it agrees with, and one that fails with exactly that shape or check."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from clirld.errors import ShapesError
from clirld.validate import engine, rust_engine, shacl
from clirld.validate.shacl import Shapes
from clirld.vocabulary.terms import CONCEPTS_GRAPH, Vocabulary
from tests.conftest import PROJECT
from tests.validate.engines import nquads

VALID = Path(__file__).parent / "data" / "valid.ttl"
ELSEWHERE = "<https://example.org/thing>"
KIND = "<https://w3id.org/clirld/concept/initiative-kind/ptce>"
POST = "organization:siren-356000000"
DESERTED = "<https://w3id.org/clirld/concept/density-grid/deserted>"
CARRIER = "<https://w3id.org/clirld/concept/participation-role/carrier>"


def subject(name: str) -> tuple[str, str]:
    return f"{name} a ", f"{ELSEWHERE} a "


# name of the shape or check → (words of valid.ttl, words in their place); what is put in place breaks that rule only
SPOILED: dict[str, tuple[str, str]] = {
    # record.ttl
    "SourceRecordIri": ("record:x-1 a clir", "<https://example.org/record/1> a clir"),
    "SourceRecordDataset": ("dct:isPartOf dataset:x ;", ""),
    "SourceRecordIdentifier": ('dct:identifier "1"', 'dct:identifier " "'),
    "SourceRecordRow": ("clir:sourceRow 2", "clir:sourceRow 0"),
    "SourceRecordFile": ("id/distribution/x.default.", "id/dataset/x.default."),
    "SourceRecordTime": ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00"),
    "SourceRecordPage": ("<https://example.org/laureats>", "<ftp://example.org/laureats>"),
    "PageCheck": ("concept/page-check/supported", "concept/status/active"),
    "CheckedOn": ('    clir:checkedOn "2026-11-28"^^xsd:date ;\n', ""),
    "RecordOutcome": ("concept/row-outcome/published", "concept/status/active"),
    "RecordOutcomeReason": ('"as-it-stands"', '"as it stands"'),
    "SourceRecordMissing": ('clir:missingSince "2026-11-24T10:00:00Z"^^xsd:dateTime', 'clir:missingSince "lately"'),
    "FormerEnd": ('    prov:invalidatedAtTime "2026-09-25T10:00:00Z"^^xsd:dateTime ;\n', ""),
    "FormerReason": ("concept/end-reason/no-longer-at-source", "concept/status/active"),
    "FormerProvenance": (
        "dct:isReplacedBy initiative:x-1 ;\n    prov:wasDerivedFrom record:x-7 .",
        "dct:isReplacedBy initiative:x-1 .",
    ),
    "Provenance": ("clir:endYear", 'locn:postName "x" . address:a2 a locn:Address ; clir:endYear'),
    # initiative.ttl
    "InitiativeIri": subject("initiative:x-1"),
    "InitiativeLabel": ('"Pôle du Haut-Jura"@fr', '"Pôle"@fr, "Pôle du Haut-Jura"@fr'),
    "InitiativeLabelMarkup": ('"Pôle du Haut-Jura"@fr', '"Pôle du <b>Haut-Jura</b>"@fr'),
    "InitiativeLabelLegible": ('"Pôle du Haut-Jura"@fr', '"PÃ´le du Haut-Jura"@fr'),
    "InitiativeLabelCase": ('"Pôle du Haut-Jura"@fr', '"PÔLE DU HAUT-JURA"@fr'),
    "InitiativeKind": (f"clir:initiativeKind {KIND} ;", ""),
    "InitiativeTerritory": ("clir:actsIn territory:departement-39", "clir:actsIn organization:siren-552100554"),
    "InitiativeDomain": ("concept/activity-domain/circular-economy", "concept/status/active"),
    "PracticeField": ("concept/practice-field/recycling-centre", "concept/status/active"),
    "InitiativeGovernance": ("concept/governance-form/colleges", "concept/status/active"),
    "InitiativeDecision": ("concept/decision-rule/consent", "concept/status/active"),
    "InitiativeDescription": ("Entreprises, associations et communes du Haut-Jura qui s'organisent", "Tous"),
    "InitiativePhase": ("concept/phase/consolidation", "concept/status/active"),
    "InitiativeForm": ("concept/cooperation-form/pooling", "concept/status/active"),
    "InitiativeInspiration": ("clir:inspiredBy initiative:x-9", f"clir:inspiredBy {POST}"),
    "InitiativeAddress": ("locn:address address:a1", "locn:address geometry:g1"),
    "InitiativeCategory": ('clir:sourceCategory "Pôle"', 'clir:sourceCategory " "'),
    # organization.ttl
    "OrganizationIri": ("organization:siren-552100554 a org", f"{ELSEWHERE} a org"),
    "OrganizationLabel": ('rdfs:label "Structure porteuse"@fr', 'rdfs:label "  "@fr'),
    "OrganizationSiren": ('clir:siren "356000000" ;\n    clir:siret "35600000000001" ;', 'clir:siren "356 000 000" ;'),
    "OrganizationSiret": ('clir:siret "55210055400013"', 'clir:siret "552100554-13"'),
    "OrganizationRnf": ('"075-FE-99999-09"', '"75-FE-99999-09"'),
    "OrganizationWikidata": ("entity/Q999990062", "wiki/Q999990062"),
    "OrganizationRna": ('"W9R1011072"', '"W9R101107"'),
    "OrganizationLegalForm": ("concept/legal-form/declared-association", "concept/status/active"),
    "OrganizationActivity": ("sousClasse/62.01Z", "sousClasse/6201Z"),
    "OrganizationFounded": ("1995-03-01", "1995-02-30"),
    "OrganizationLegalName": ('rov:legalName "Structure porteuse"', 'rov:legalName " "'),
    "OrganizationCategory": ("concept/actor-category/other", "concept/status/active"),
    "OrganizationJurisdiction": (
        "clir:jurisdiction territory:commune-39300",
        "clir:jurisdiction territory:commune-39300, territory:commune-39001",
    ),
    # participation.ttl
    "ParticipationIri": subject("participation:x-9-owner"),
    "ParticipationInitiative": (
        f"org:organization initiative:x-1 ;\n    org:member organization:siren-552100554 ;\n    org:role {CARRIER}",
        f"org:member organization:siren-552100554 ;\n    org:role {CARRIER}",
    ),
    "ParticipationMember": (
        f"org:member organization:siren-552100554 ;\n    org:role {CARRIER}",
        f"org:role {CARRIER}",
    ),
    "ParticipationRole": (f"org:role {CARRIER} ;", ""),
    "ParticipationInstrument": ("concept/support-instrument/lease", "concept/status/active"),
    "ParticipationBefore": ("clir:changedFrom participation:x-9-enabler", f"clir:changedFrom {POST}"),
    "ChangeReason": ('"Elle achète le bâtiment."@fr', '"Elle achète le bâtiment."'),
    # recognition.ttl
    "RecognitionIri": subject("recognition:x-1-ptce"),
    "RecognitionSubject": ("clir:recognises initiative:x-1 ;", ""),
    "RecognitionKind": ("concept/recognition/ptce-laureate-2013", "concept/status/active"),
    "RecognitionProgramme": ("clir:underProgramme programme:ptce-2013", f"clir:underProgramme {ELSEWHERE}"),
    # programme.ttl
    "ProgrammeIri": ("programme:ptce-2013 a clir", f"{ELSEWHERE} a clir"),
    "ProgrammeLabel": ('rdfs:label "Appel à projets PTCE 2013"@fr ;', ""),
    # territory.ttl
    "TerritoryIri": subject("territory:commune-39999"),
    "TerritoryLabel": ('rdfs:label "Ancienne commune"@fr ;', ""),
    "TerritoryKind": ("concept/territory-kind/former-commune", "concept/status/active"),
    "TerritoryCode": ('dct:identifier "39999"', 'dct:identifier "39 999"'),
    "TerritoryInseeCode": (
        'clir:inseeCode "39999" ;\n    igeo:codeINSEE "39999"',
        'clir:inseeCode "3999A" ;\n    igeo:codeINSEE "3999A"',
    ),
    "TerritoryPopulation": ("clir:population 120", "clir:population -1"),
    "TerritoryDensity": ("concept/density-grid/dispersed-rural", "concept/status/active"),
    "TerritoryEnd": ('schema:endDate "2021-01-01"', 'schema:endDate "2021-13-01"'),
    "TerritorySuccessor": ("dct:isReplacedBy territory:commune-39300", f"dct:isReplacedBy {ELSEWHERE}"),
    "TerritorySameAs": ("<http://id.insee.fr/geo/commune/39999>", "<urn:insee:39999>"),
    "TerritorySituation": ("concept/territory-situation/weakening", "concept/status/active"),
    "TerritoryTypology": ("concept/territory-typology/centre-local", "concept/status/active"),
    "TerritoryZoning": ("concept/official-zoning/frr", "concept/status/active"),
    # territory_change.ttl
    "TerritoryChangeIri": ("<https://w3id.org/clirld/id/territory-change/2021-01-01-32-39999>", ELSEWHERE),
    "TerritoryChangeDate": ("2021-01-02", "2021-13-02"),
    "TerritoryChangeKind": ("concept/territory-change-kind/new-commune", "concept/status/active"),
    "TerritoryChangeBefore": ("clir:territoryBefore territory:commune-39999", f"clir:territoryBefore {ELSEWHERE}"),
    "TerritoryChangeAfter": ("clir:territoryAfter territory:commune-39300", f"clir:territoryAfter {ELSEWHERE}"),
    # likeness.ttl
    "LikenessTerritory": (
        "a clir:Comparison ;\n    clir:ofTerritory territory:commune-39999",
        f"a clir:Comparison ;\n    clir:ofTerritory {ELSEWHERE}",
    ),
    "ObservationYear": ('    clir:year "2021"^^xsd:gYear ;\n', ""),
    "ObservationBoundaries": ('clir:boundariesYear "2024"^^xsd:gYear', 'clir:boundariesYear "2024"'),
    # judgement.ttl
    "JudgementAuthor": ("AttributedTo <https://w3id.org/clirld/id/reviewer/ada>", "AttributedTo initiative:x-1"),
    "JudgementSubject": ("ns#subject> initiative:x-1", "ns#subject> record:x-1"),
    "JudgementObject": ("ns#object> initiative:x-9 ;\n    prov:was", "ns#object> record:x-1 ;\n    prov:was"),
    "JudgementDay": ('dct:created "2026-11-29"^^xsd:date', 'dct:created "2026-11-29"'),
    # likeness.ttl, figures
    "ObservationCube": ("qb:dataSet <https://w3id.org/clirld/id/observation-cube/inhabitants>", "qb:dataSet dataset:x"),
    "CubeStructure": ("    qb:structure <https://w3id.org/clirld/id/cube-structure/inhabitants> ;\n", ""),
    "CubeComponent": ("qb:component <https://w3id.org/clirld/id/cube-component/", f"qb:component {ELSEWHERE[:-1]}/"),
    "ObservedInhabitants": ("clir:inhabitants 6201", "clir:inhabitants -1"),
    "ObservedArea": ("clir:area 41.5", "clir:area -41.5"),
    "ObservedJobs": ("clir:jobs 2401", "clir:jobs 2401.5"),
    "ObservedManufacturingJobs": ("clir:manufacturingJobs 1101", "clir:manufacturingJobs -1"),
    "ObservedActive": ("clir:active 2701", "clir:active 2701, 2702"),
    "ObservedUnemployed": ("clir:unemployed 431", 'clir:unemployed "nd"'),
    "ObservedMedianIncome": ("clir:medianIncome 19601.5", "clir:medianIncome -1.0"),
    "ObservedVacantShare": ("clir:vacantShare 6.4", "clir:vacantShare -6.4"),
    "ObservedRuralShare": ("clir:ruralShare 7.3", "clir:ruralShare 7"),
    "FindingSituation": ("concept/territory-situation/metropolis", "concept/status/active"),
    "FindingAnswer": ("concept/finding-answer/holds", "concept/status/active"),
    "FindingNear": ("clir:nearThreshold false", 'clir:nearThreshold "no"'),
    "DerivedByRule": (
        "clir:byRule <https://w3id.org/clirld/id/rule/situation-weakening-9> ;\n    clir:stable",
        f"clir:byRule {ELSEWHERE} ;\n    clir:stable",
    ),
    "RuleVersion": ('dcat:version "9"', "dcat:version 9"),
    "NeighbourTerritory": ("clir:comparedTerritory territory:commune-39300", f"clir:comparedTerritory {ELSEWHERE}"),
    "NeighbourComparison": (
        "clir:inComparison <https://w3id.org/clirld/id/comparison/commune-39999>",
        f"clir:inComparison {ELSEWHERE}",
    ),
    "NeighbourRank": ("clir:rank 1", "clir:rank 0"),
    "NeighbourDistance": ("clir:distance 1.21", "clir:distance -1.21"),
    "ComparisonStability": ("clir:stableWithoutGroup 0.45", "clir:stableWithoutGroup -0.45"),
    # shared.ttl
    "Status": ("concept/status/active", "concept/row-outcome/held"),
    "Seat": ("clir:seatedIn territory:commune-39300", "clir:seatedIn territory:commune-39300, territory:commune-39001"),
    "Homepage": ("<https://example.org/pole>", "<mailto:pole.example.org>"),
    "OfficialPage": ("<https://example.org/appel>", "<https://appel>"),
    "StartYear": ('"2014"^^xsd:gYear', '"1014"^^xsd:gYear'),
    "EndYear": ('clir:endYear "2020"^^xsd:gYear', 'clir:endYear "2020"^^xsd:integer'),
    "Year": ('"2013"^^xsd:gYear', '"201"^^xsd:gYear'),
    "PopulationYear": ('clir:populationYear "2020"^^xsd:gYear', 'clir:populationYear "2020"'),
    "AddressPostcode": ('"39000"', '"3900"'),
    "Country": ('clir:rna "W9R1011072"', 'clir:rna "W9R1011072" ; clir:country "France"'),
    "GeometryPoint": ("POINT(5.55 46.67)", "5.55, 46.67"),
    "Attested": (
        'rdfs:label "Autre processus"@fr ;\n    dct:source <https://example.org/process> ;',
        'rdfs:label "Autre processus"@fr ;',
    ),
    "Citation": ('"Bilan, 2016"', '" "'),
    "Description": ('"Le premier appel."@fr', '"Le premier appel."'),
    "AlternativeName": ('"PTCE du Haut-Jura"@fr', '"PTCE du Haut-Jura"@de'),
    # process.ttl
    "ProcessIri": subject("process:x-2"),
    "ProcessLabel": ('rdfs:label "Autre processus"@fr ;', ""),
    "ProcessOrigin": ("clir:capitalisedFrom initiative:x-1", f"clir:capitalisedFrom {POST}"),
    "StepIri": subject("step:x-4"),
    "StepLabel": ('rdfs:label "La dernière étape"@fr ;', ""),
    "StepProcess": ("step:x-1 a clir:ProcessStep ;\n    clir:isStepOf process:x-1 ;", "step:x-1 a clir:ProcessStep ;"),
    "StepOrder": ("clir:stepOrder 1", "clir:stepOrder 0"),
    "Phase": ("concept/phase/observation", "concept/status/active"),
    "StepPhase": ("clir:phase <https://w3id.org/clirld/concept/phase/observation> ;", ""),
    "StepRole": (
        "clir:expectsRole <https://w3id.org/clirld/concept/public-actor-role/enabler>",
        f"clir:expectsRole {KIND}",
    ),
    "StepResource": ("concept/shared-resource-kind/engineering", "concept/status/active"),
    "StepBefore": ("clir:isPrecededBy step:x-1", f"clir:isPrecededBy {POST}"),
    "StepInput": ('"Des besoins."@fr', '"Des besoins."'),
    "StepOutput": ('"Un bilan."@fr', '" "@fr'),
    "StepBranch": ('"Si le lieu est libre."@fr', '"Si le lieu est libre."'),
    "ProcessResources": ('"Un lieu."@fr', '"Un lieu."'),
    "ProcessTransfer": ('"Partout où il y en a un."@fr', '"Partout où il y en a un."@fr, "Nulle part."@fr'),
    "ActivityIri": subject("activity:x-1"),
    "ActivityLabel": ('rdfs:label "Entretiens"@fr ;', ""),
    "ActivityInitiative": ("clir:withinInitiative initiative:x-1 ;", ""),
    "ActivityStep": ("clir:followsStep step:x-1", "clir:followsStep process:x-1"),
    "StartDate": ("2014-02-03", "2014-02-30"),
    # scaling.ttl
    "ScalingIri": subject("scaling:x-1"),
    "ScalingLabel": ('"Reprise ailleurs"@fr', '" "@fr'),
    "ScalingStrategy": ("concept/scaling-strategy/duplication", "concept/status/active"),
    "ScalingFrom": ("clir:fromInitiative initiative:x-1 ;", ""),
    "ScalingTo": ("clir:toTerritory territory:departement-71 ;", ""),
    "ScalingToInitiative": ("clir:toInitiative initiative:x-9", "clir:toInitiative initiative:x-1"),
    "ScalingToTerritory": ("clir:toTerritory territory:departement-71", f"clir:toTerritory {POST}"),
    "ScalingProcess": ("clir:transfersProcess process:x-1", "clir:transfersProcess step:x-1"),
    # obstacle.ttl
    "ObstacleIri": subject("obstacle:x-1"),
    "ObstacleInitiative": ("clir:metBy initiative:x-1 ;", ""),
    "ObstacleKind": ("concept/obstacle-kind/seed-funding", "concept/status/active"),
    "ObstacleDescription": ('dct:description "Personne ne voulait payer d\'abord."@fr ;', ""),
    "ObstacleOvercomeBy": ("clir:overcomeBy activity:x-1", "clir:overcomeBy step:x-1"),
    "ObstacleOvercomeHow": ('"Un essai a convaincu."@fr', '"Un essai a convaincu."'),
    "ObstacleStep": ("clir:atStep step:x-2", "clir:atStep process:x-1"),
    # need.ttl
    "NeedIri": subject("need:x-1"),
    "NeedInitiative": ("clir:addressedBy initiative:x-1 ;", ""),
    "NeedKind": ("concept/need/jobs", "concept/status/active"),
    "NeedTerritory": ("clir:lackedIn territory:departement-39", f"clir:lackedIn {POST}"),
    # outcome.ttl
    "OutcomeIri": subject("outcome:x-1"),
    "OutcomeInitiative": ("clir:outcomeOf initiative:x-1 ;", ""),
    "OutcomeDescription": ('dct:description "Trois emplois de plus."@fr ;', ""),
    "OutcomeEvidence": ("concept/evidence-level/compared", "concept/status/active"),
    "OutcomeSaidBy": ("clir:saidBy <https://w3id.org/clirld/concept/said-by/press> ;", ""),
    "OutcomeAssessment": ("concept/outcome-assessment/worked", "concept/status/active"),
    "OutcomeIndicator": ("concept/indicator/jobs-created", "concept/status/active"),
    "OutcomeValue": ('schema:value "5.0"^^xsd:decimal', 'schema:value "5"'),
    "Baseline": ('clir:baseline "2.0"^^xsd:decimal', 'clir:baseline "2"'),
    "TargetValue": ('clir:targetValue "4.0"^^xsd:decimal', 'clir:targetValue "4"'),
    "BaselineYear": ('clir:baselineYear "2015"^^xsd:gYear', 'clir:baselineYear "2015"'),
    # transfer.ttl
    "ConditionIri": subject("condition:x-1"),
    "ConditionProcess": ("clir:conditionFor process:x-1 ;", ""),
    "ConditionKind": ("concept/condition-kind/place", "concept/status/active"),
    "ConditionDescription": ('dct:description "Un lieu libre."@fr ;', ""),
    # contribution.ttl
    "ContributionIri": ("contribution:x-1 a clir", f"{ELSEWHERE} a clir"),
    "ContributionKind": ("concept/contribution-kind/correction", "concept/status/active"),
    "ContributorRole": ("concept/contributor-role/takes-part", "concept/status/active"),
    "ReviewerRole": ("concept/reviewer-role/moderator", "concept/status/active"),
    "ContributionSubject": ("dct:subject initiative:x-1", f"dct:subject {ELSEWHERE}"),
    "ContributionLicence": (
        "licenses/by/4.0/> ;\n    dct:source <https://example.org/contribution>",
        "licenses/by-nc/4.0/>",
    ),
    "ContributionSubmitted": ('dct:dateSubmitted "2026-11-20"^^xsd:date', 'dct:dateSubmitted "2026-11-20"'),
    "ContributionAccepted": ('    dct:dateAccepted "2026-11-23"^^xsd:date ;\n', ""),
    "CorrectionIri": subject("correction:x-1"),
    "CorrectionContribution": ("dct:isPartOf contribution:x-1 ;", ""),
    "CorrectionContradicts": (
        "clir:contradicts <https://w3id.org/clirld/id/statement/x-1>",
        f"clir:contradicts {POST}",
    ),
    "CorrectionSays": ('    rdf:object "2012"^^xsd:gYear ;\n', ""),
    "CorrectionAbout": ("rdf:subject initiative:x-1 ;\n    rdf:predicate clir", "rdf:predicate clir"),
    "CorrectionProperty": ("rdf:predicate clir:startYear ;", ""),
    "StatementAbout": ("rdf:subject initiative:x-1 ;\n    rdf:predicate rdfs", "rdf:predicate rdfs"),
    "StatementProperty": ("rdf:predicate rdfs:label ;", ""),
    "StatementValue": ('    rdf:object "Pôle"@fr ;\n', ""),
    "StatementSource": ("clirld/graph/y>", "clirld/id/dataset/x>"),
    # transfer.ttl
    "AdaptationIri": subject("adaptation:x-1"),
    "AdaptationOf": ("clir:adaptationOf scaling:x-1 ;", ""),
    "AdaptationKind": ("concept/adaptation-kind/dropped", "concept/status/active"),
    "AdaptationStep": ("clir:adaptedStep step:x-1", "clir:adaptedStep process:x-1"),
    "AdaptationDescription": ('dct:description "Nul n\'est allé écouter."@fr ;', ""),
    # resource.ttl
    "ResourceIri": subject("resource:x-1"),
    "ResourceInitiative": ("clir:sharedIn initiative:x-1 ;", ""),
    "ResourceKind": ("concept/shared-resource-kind/premises", "concept/status/active"),
    "ResourceProvider": (f"clir:providedBy {POST}", "clir:providedBy initiative:x-9"),
    "ResourceProviderKnown": (f"clir:providedBy {POST} ;", ""),
    # lesson.ttl
    "LessonIri": subject("lesson:x-1"),
    "LessonLabel": ('"Essayer d\'abord."@fr', '"Essayer d\'abord."@fr, "Encore."@fr'),
    "LessonFrench": ('"Une autre leçon."@fr', '"Another lesson."@en'),
    "LessonDocument": (
        "clir:about initiative:x-9 ;\n    dct:source <https://example.org/lesson> ;",
        "clir:about initiative:x-9 ;",
    ),
    "LessonScope": ("clir:about initiative:x-9 ;", ""),
    "LessonAbout": ("clir:about initiative:x-9", f"clir:about {POST}"),
    "LessonObstacle": ("concept/obstacle-kind/procurement-state-aid", "concept/status/active"),
    "LessonPhase": ("concept/phase/evaluation", "concept/status/active"),
    "LessonSituation": ("concept/territory-situation/growing", "concept/status/active"),
    "LessonDimension": ("concept/innovation-dimension/process", "concept/status/active"),
    # grant.ttl
    "GrantIri": subject("grant:x-1"),
    "GrantFunder": (f"schema:funder {POST} ;", ""),
    "GrantItem": ("schema:fundedItem initiative:x-1 ;", ""),
    "GrantKind": ("concept/funding-kind/subsidy", "concept/status/active"),
    "GrantProgramme": (
        "clir:underProgramme programme:ptce-2013 ;\n    schema:amount",
        f"clir:underProgramme {POST} ;\n    schema:amount",
    ),
    "GrantAmount": ("schema:amount amount:x-1", f"schema:amount {POST}"),
    "AmountValue": ('"12500.5"^^xsd:decimal', '"-1.5"^^xsd:decimal'),
    "AmountCurrency": ('"EUR"', '"FRF"'),
    # observation.ttl
    "ObservationIri": subject("observation:x-1"),
    "ObservationAbout": ("schema:observationAbout initiative:x-1", f"schema:observationAbout {POST}"),
    "ObservationIndicator": ("concept/indicator/members", "concept/status/active"),
    "ObservationValue": ('"31.0"^^xsd:decimal', '"31"'),
    "ObservationProvenance": (
        "<https://example.org/observation> ;\n    prov:wasDerivedFrom record:x-1 .",
        "<https://example.org/observation> .",
    ),
    # catalog.ttl
    "DatasetLicence": ("<https://creativecommons.org/licenses/by/4.0/>", "<https://example.org/licence>"),
    "DatasetTitle": ('"Source essayée"@fr, ', ""),
    "DatasetPublisher": ("dct:publisher <https://example.org/> ;", ""),
    "DatasetLandingPage": ("<https://example.org/source>", '"https://example.org/source"'),
    "DistributionVia": ('"sample"', '"pigeon"'),
    # vocabulary.ttl
    "ConceptLabel": (', "Without anybody"@en', ""),
    "ConceptDefinition": (', "Where nobody lives."@en', ""),
    "ConceptScheme": ("skos:inScheme <https://w3id.org/clirld/concept/density-grid>", f"skos:inScheme {ELSEWHERE}"),
    "ConceptNotation": ('"99"', '"9 9"'),
    "OntologyHeader": ('owl:versionInfo "1.0.0" ;', ""),
    "OntologyTerm": (', "Cooperation initiative"@en', ""),
    # checks/
    "CarrierUnidentified": (
        'clir:siren "552100554" ;\n    clir:siret "55210055400013" ;\n    clir:rna "W9R1011072" ;',
        "",
    ),
    "CorsicaCode": (
        'territory-kind/former-commune> ;\n    dct:identifier "39999" ;\n    clir:inseeCode "39999" ;\n'
        '    igeo:codeINSEE "39999"',
        'territory-kind/commune> ;\n    dct:identifier "20004" ;\n    clir:inseeCode "20004" ;\n'
        '    igeo:codeINSEE "20004"',
    ),
    "DateInFuture": ('clir:year "2013"', 'clir:year "2028"'),
    "EndBeforeStart": ('clir:endYear "2020"', 'clir:endYear "2013"'),
    "FormerCommuneLost": ("dct:isReplacedBy territory:commune-39300 ;", ""),
    "PersonalData": ("rov:legalName", "schema:email"),
    "PointOutsideFrance": ("POINT(5.55 46.67)", "POINT(46.67 5.55)"),
    "PointZero": ("POINT(5.55 46.67)", "POINT(0.0 0)"),
    "PostcodeElsewhere": ('"39000"', '"97410"'),
    "PtceWithoutMember": (
        "address:a1 a",
        f"""
        initiative:x-2 a clir:Initiative ; rdfs:label "Autre"@fr ; clir:initiativeKind {KIND} ;
            clir:actsIn territory:departement-39 ; prov:wasDerivedFrom record:x-1 .
        address:a1 a""",
    ),
    "PublicRole": ("org:FormalOrganization, cv:PublicOrganisation", "org:FormalOrganization"),
    "ReferenceDangling": ("concept/initiative-kind/ptce", "concept/initiative-kind/pcte"),
    "RoleUnspecified": ("participation-role/carrier", "participation-role/unspecified"),
    "RoleChangedElsewhere": ('clir:startYear "2012"', 'clir:startYear "2019"'),
    "ConceptDeprecated": ("concept/public-actor-role/owner", "concept/public-actor-role/funder"),
    "WorkedWithoutEvidence": ("concept/evidence-level/compared", "concept/evidence-level/counted"),
    "SirenLuhn": ('clir:siren "552100554" ;\n    clir:siret "55210055400013" ;', 'clir:siren "552100555" ;'),
    "SirenTwice": (
        "programme:ptce-2013 a",
        """
        organization:x-3 a org:FormalOrganization ; rdfs:label "Autre"@fr ; clir:siren "552100554" ;
            prov:wasDerivedFrom record:x-1 .
        programme:ptce-2013 a""",
    ),
    "SiretLuhn": ('"35600000000001"', '"35600000000002"'),
    "SiretOfSiren": ('clir:siret "55210055400013"', 'clir:siret "35600000000048"'),
    "AbroadSeatedInFrance": (
        "clir:seatedIn territory:commune-39300 ;",
        'clir:seatedIn territory:commune-39300 ; clir:country "CH" ;',
    ),
    "ConceptCycle": ('skos:notation "99" ;', f'skos:notation "99" ; skos:broader {DESERTED} ;'),
    "ConceptLabelTwice": ('"Sans personne"@fr', '"Grands centres urbains"@fr'),
    "ConceptNotationTwice": ('"99"', '"1"'),
    "EsusWithoutEss": ("concept/legal-form/declared-association", "concept/legal-form/commune-authority"),
    "InseeCodeDiffers": ('igeo:codeINSEE "39999"', 'igeo:codeINSEE "39998"'),
    "InspirationCycle": (
        'rdfs:label "Pôle voisin"@fr ;',
        'rdfs:label "Pôle voisin"@fr ; clir:inspiredBy initiative:x-1 ;',
    ),
    "ProcessFewSteps": (
        "clir:isStepOf process:x-2 ;\n    clir:stepOrder 2",
        "clir:isStepOf process:x-1 ;\n    clir:stepOrder 3",
    ),
    "PtceSingleMember": (
        f"org:organization initiative:x-1 ;\n    org:member {POST}",
        f"org:organization initiative:x-9 ;\n    org:member {POST}",
    ),
    "PtceWithoutEss": ("concept/actor-category/ess-enterprise", "concept/actor-category/company"),
    "StepCycle": ('rdfs:label "Écouter"@fr ;', 'rdfs:label "Écouter"@fr ; clir:isPrecededBy step:x-2 ;'),
    "StepElsewhere": ("clir:isPrecededBy step:x-1", "clir:isPrecededBy step:x-3"),
    "StepOrderTwice": ("clir:stepOrder 2", "clir:stepOrder 1"),
    "TerritoryApart": ("dct:isPartOf territory:departement-39", f"dct:isPartOf {POST}"),
}

# Spoiling an IRI leaves those who refer to the old one dangling, and the new one alone.
ALONG = {
    "SourceRecordIri": {"ReferenceDangling"},
    "InitiativeIri": {"ReferenceDangling", "PtceWithoutMember"},
    "OrganizationIri": {"ReferenceDangling"},
    "ProgrammeIri": {"ReferenceDangling"},
    "ProcessIri": {"ReferenceDangling", "ProcessFewSteps"},
    "ActivityIri": {"ReferenceDangling"},
    "ScalingIri": {"ReferenceDangling"},
    "ContributionIri": {"ReferenceDangling"},
    "StepProcess": {"ProcessFewSteps"},
    # A member that is not known any more leaves the pole with one, which is not of the social economy.
    "ParticipationInitiative": {"PtceSingleMember", "PtceWithoutEss"},
    "ParticipationMember": {"PtceSingleMember", "PtceWithoutEss"},
    # What is no legal form is none of the social economy either.
    "OrganizationLegalForm": {"EsusWithoutEss"},
}


@pytest.fixture(scope="module")
def shapes(project: Path) -> Shapes:
    return Shapes.load(project / "shapes")


@pytest.fixture(scope="module")
def concepts(project: Path) -> bytes:
    return "\n".join(Vocabulary.load(project / "ontology").as_nquads(CONCEPTS_GRAPH)).encode()


def failing(turtle: str, shapes: Shapes, concepts: bytes) -> set[str]:
    """Names of the shapes and checks that give results."""
    store = ox.Store()
    graph = ox.NamedNode("https://w3id.org/clirld/graph/x")
    for quad in ox.parse(input=turtle, format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    quads = store.dump(format=ox.RdfFormat.N_QUADS)
    assert quads is not None
    results = engine.validate_batch(shapes, quads)
    store.load(input=concepts, format=ox.RdfFormat.N_QUADS)
    for check in shapes.checks:
        results += shacl.run_check(check, store)
    return {result.shape for result in results}


def test_a_valid_source_passes_all(shapes: Shapes, concepts: bytes) -> None:
    assert failing(VALID.read_text(encoding="utf-8"), shapes, concepts) == set()


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_source_fails_with_exactly_that(name: str, shapes: Shapes, concepts: bytes) -> None:
    valid = VALID.read_text(encoding="utf-8")
    words, instead = SPOILED[name]
    assert words in valid
    failed = failing(valid.replace(words, instead, 1), shapes, concepts)
    assert failed == {name} | ALONG.get(name, set())


def test_every_shape_and_check_is_tried(shapes: Shapes) -> None:
    assert set(SPOILED) == set(shapes.by_name)


def test_the_seat_of_la_poste_has_a_luhn_sum(shapes: Shapes, concepts: bytes) -> None:
    """356 000 000 00048 is the one SIRET of La Poste with a Luhn sum, and its digits add up to 26."""
    valid = VALID.read_text(encoding="utf-8").replace("35600000000001", "35600000000048")
    assert failing(valid, shapes, concepts) == set()


@pytest.mark.parametrize(
    "code", ["01001", "2A004", "20004", "97120", "98735", "39", "2B", "974", "27", "011", "200069193"]
)
def test_insee_codes(code: str, shapes: Shapes, concepts: bytes) -> None:
    valid = VALID.read_text(encoding="utf-8").replace('"39999"', f'"{code}"')
    assert failing(valid, shapes, concepts) == set()


def test_shapes_are_core_and_documented(project: Path) -> None:
    """SHACL-SPARQL costs a tenth of a second a node in pySHACL; what needs SPARQL is a check."""
    sh = shacl.SH
    for path in sorted((project / "shapes").glob("*.ttl")):
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        for unwanted in ("sparql", "js", "rule", "target"):
            assert not list(store.quads_for_pattern(None, ox.NamedNode(sh + unwanted), None)), path
        query = f"""
            SELECT ?shape ?part WHERE {{
              VALUES ?kind {{ <{sh}NodeShape> <{sh}PropertyShape> }}
              VALUES ?part {{ <{sh}name> <{sh}description> <{sh}message> }}
              VALUES ?language {{ "fr" "en" }}
              ?shape a ?kind .
              FILTER NOT EXISTS {{ ?shape ?part ?text . FILTER(LANG(?text) = ?language) }}
            }}"""
        rows = store.query(query)
        assert isinstance(rows, ox.QuerySolutions)
        assert [str(row["shape"]) for row in rows] == [], path


@pytest.fixture(scope="module")
def shapes_of_shapes() -> str:
    """The shapes of SHACL itself (SHACL, appendix C), which pySHACL brings along."""
    path = Path(pyshacl.__file__).parent / "assets" / "shacl-shacl.ttl"
    return nquads(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)).decode()


@pytest.mark.parametrize("path", sorted((PROJECT / "shapes").rglob("*.ttl")), ids=lambda path: path.stem)
def test_shapes_are_valid_shapes(path: Path, shapes_of_shapes: str) -> None:
    ours = nquads(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
    assert list(rust_engine.results(shapes_of_shapes, ours)) == []


def test_the_shapes_of_shacl_are_asked(shapes_of_shapes: str) -> None:
    wrong = SHAPE.replace("sh:severity sh:Violation", 'sh:severity "bad"')
    [result] = rust_engine.results(shapes_of_shapes, nquads(ox.parse(wrong, format=ox.RdfFormat.TURTLE)))
    assert result.path == f"{shacl.SH}severity"


def test_licences_are_those_a_card_may_have(project: Path) -> None:
    catalog = rdflib.Graph().parse(project / "shapes" / "catalog.ttl")
    sh = rdflib.Namespace(shacl.SH)
    head = catalog.value(rdflib.URIRef(f"{shacl.SHAPES}DatasetLicence"), sh["in"])
    assert head is not None
    listed = {str(licence) for licence in catalog.items(head)}
    assert listed == set(Vocabulary.load(project / "ontology").licences)


def test_the_vocabulary_conforms(shapes: Shapes, project: Path) -> None:
    """Terms, header and concepts (V20, V21), as third parties would check them."""
    quads = "\n".join(Vocabulary.load(project / "ontology").as_nquads()).encode()
    assert engine.validate_batch(shapes, quads) == []
    store = ox.Store()
    # As if a source said it: the check of personal data leaves out the graph of concepts.
    store.load(input=quads.replace(b"/graph/concepts>", b"/graph/x>"), format=ox.RdfFormat.N_QUADS)
    assert [result for check in shapes.checks for result in shacl.run_check(check, store)] == []


SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/clirld/shapes#> .
shape:One a sh:NodeShape ; sh:severity sh:Violation ; sh:message "faux"@fr, "wrong"@en .
"""
CHECK = '# name: One\n# severity: Warning\nSELECT ?focus ?value ?messageFr ?messageEn { BIND("" AS ?messageFr) }'


@pytest.mark.parametrize(
    ("turtle", "check", "said"),
    [
        ("shape:One a", CHECK, "not Turtle"),
        (SHAPE.replace("shape:One", "<https://example.org/one>"), CHECK, "without a name"),
        (SHAPE.replace("sh:severity sh:Violation ;", ""), CHECK, "no severity"),
        (SHAPE.replace('"faux"@fr, ', ""), CHECK, "no message in fr"),
        (SHAPE, CHECK.replace("# name: One\n", ""), "without a header"),
        (SHAPE, CHECK + "}", "not a SELECT query"),
        (SHAPE, "# name: One\n# severity: Warning\nASK { ?s ?p ?o }", "not a SELECT query"),
        (SHAPE, CHECK.replace("?value", "?path"), "other variables"),
    ],
)
def test_broken_files_are_named(turtle: str, check: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "one.ttl").write_text(turtle, encoding="utf-8")
    (tmp_path / "checks" / "one.rq").write_text(check, encoding="utf-8")
    with pytest.raises(ShapesError, match=said) as caught:
        Shapes.load(tmp_path)
    assert "one." in caught.value.where
    assert caught.value.do


def test_a_folder_without_shapes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShapesError, match="no shapes"):
        Shapes.load(tmp_path)
