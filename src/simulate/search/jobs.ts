/** Departments, one below each person who reports to the root, with what people there are called. */
export interface Department {
  readonly name: string;
  readonly number: string;
  readonly chief: string;
  readonly roles: readonly string[];
}

const DEPARTMENTS: readonly Department[] = [
  department(
    '2100',
    'Engineering',
    'Chief Technology Officer',
    'Software Engineer|Test Engineer|Site Reliability Engineer|Architect',
  ),
  department(
    '2200',
    'Operations',
    'Chief Operating Officer',
    'Operations Specialist|Planner|Technician|Dispatcher',
  ),
  department(
    '2300',
    'Sales',
    'Chief Revenue Officer',
    'Account Manager|Sales Engineer|Sales Representative|Bid Specialist',
  ),
  department(
    '2400',
    'Finance',
    'Chief Financial Officer',
    'Accountant|Controller|Financial Analyst|Treasury Specialist',
  ),
  department(
    '2500',
    'Human Resources',
    'Chief People Officer',
    'Recruiter|HR Business Partner|Payroll Specialist|Trainer',
  ),
  department(
    '2600',
    'Marketing',
    'Chief Marketing Officer',
    'Content Editor|Brand Specialist|Market Analyst|Designer',
  ),
  department(
    '2700',
    'Research',
    'Chief Scientific Officer',
    'Scientist|Laboratory Technician|Data Scientist|Research Engineer',
  ),
  department(
    '2800',
    'Legal',
    'General Counsel',
    'Counsel|Compliance Officer|Paralegal|Contract Specialist',
  ),
  department(
    '2900',
    'Customer Service',
    'Chief Customer Officer',
    'Support Agent|Support Engineer|Service Specialist|Translator',
  ),
];

const RANKS: readonly string[] = [
  'Senior Vice President',
  'Vice President',
  'Senior Director',
  'Director',
  'Senior Manager',
  'Manager',
];

const GRADES: readonly string[] = ['', '', 'Senior ', 'Junior ', 'Lead '];

export const CITIES: readonly { readonly name: string; readonly dial: string }[] = [
  { name: 'Berlin', dial: '+49 30' },
  { name: 'München', dial: '+49 89' },
  { name: 'Zürich', dial: '+41 44' },
  { name: 'Paris', dial: '+33 1' },
  { name: 'London', dial: '+44 20' },
  { name: 'Kraków', dial: '+48 12' },
  { name: 'København', dial: '+45 33' },
  { name: 'New York', dial: '+1 212' },
  { name: 'São Paulo', dial: '+55 11' },
  { name: 'Bengaluru', dial: '+91 80' },
  { name: '上海', dial: '+86 21' },
  { name: 'Lagos', dial: '+234 1' },
  { name: 'İstanbul', dial: '+90 212' },
  { name: 'Hà Nội', dial: '+84 24' },
];

/** @param branch number of the ancestor who reports to the root, or of the root itself: 0 */
export function departmentOf(branch: number): Department {
  if (branch === 0) return EXECUTIVE_OFFICE;
  return DEPARTMENTS[(branch - 1) % DEPARTMENTS.length] ?? EXECUTIVE_OFFICE;
}

const EXECUTIVE_OFFICE = department(
  '1000',
  'Executive Office',
  'Chief Executive Officer',
  'Assistant',
);

export function titleOf(depth: number, manages: boolean, home: Department, choice: number): string {
  if (depth === 0) return 'Chief Executive Officer';
  if (depth === 1) return home.chief;
  const rank = RANKS[depth - 2] ?? 'Team Lead';
  if (manages) return `${rank}, ${home.name}`;
  const grade = GRADES[choice % GRADES.length] ?? '';
  return `${grade}${home.roles[(choice >>> 8) % home.roles.length] ?? 'Specialist'}`;
}

function department(number: string, name: string, chief: string, roles: string): Department {
  return { name, number, chief, roles: roles.split('|') };
}
