"""What several generators say alike: where value sets live, what %patient fills, whom questions of women are for."""

SETS = "https://yba.vn/ValueSet/"
FEMALE = "%patient.gender.empty() or %patient.gender = 'female'"
NAME = "%patient.name.first().text"
BIRTH = "%patient.birthDate"
SEX = "iif(%patient.gender = 'male', '1', iif(%patient.gender = 'female', '2', {}))"
CITIZEN = "%patient.identifier.where(system='https://yba.vn/id/cccd').value.first()"
