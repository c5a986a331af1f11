/** Made-up people by country: names, streets and places as they are written there. */
import type { NonEmpty } from './prng.js';

export interface Region {
  readonly country: string;
  /** What some channels write instead of the code. */
  readonly countryName: string;
  readonly firstNames: NonEmpty<string>;
  readonly lastNames: NonEmpty<string>;
  readonly streets: NonEmpty<string>;
  readonly numberFirst: boolean;
  /** City, state, postal code. */
  readonly places: NonEmpty<readonly [string, string, string]>;
  readonly dial: string;
}

const region = (
  code: readonly [country: string, countryName: string, dial: string],
  names: readonly [NonEmpty<string>, NonEmpty<string>],
  streets: NonEmpty<string>,
  places: Region['places'],
  numberFirst = false,
): Region => ({
  country: code[0],
  countryName: code[1],
  dial: code[2],
  firstNames: names[0],
  lastNames: names[1],
  streets,
  places,
  numberFirst,
});

const US = region(
  ['US', 'United States', '+1'],
  [
    [
      'Ava',
      'Noah',
      'Mia',
      'Liam',
      'Zoe',
      'Ethan',
      'Grace',
      'Owen',
      'Ruby',
      'Caleb',
      'Nora',
      'Jonah',
      'Ximena',
    ],
    ['Hartwell', "O'Brien", 'Vance', 'Castillo', 'Whitlock', 'Nguyen', 'Okafor', 'Marsh', 'Delgado-Reyes'],
  ],
  [
    'Cedar Lane',
    'Maple Avenue',
    'Old Mill Road',
    'Harbor Street',
    'N 4th St',
    'Juniper Court',
    'County Road 12',
  ],
  [
    ['Portland', 'OR', '97205'],
    ['Austin', 'TX', '78704'],
    ['Brooklyn', 'NY', '11215'],
    ['Boise', 'ID', '83702'],
    ['Chicago', 'IL', '60614'],
    ['Sacramento', 'CA', '95814-2207'],
    ['Tampa', 'FL', '33606'],
    ['Cambridge', 'MA', '02139'],
  ],
  true,
);

/** With their weights. */
export const REGIONS: NonEmpty<readonly [Region, number]> = [
  [US, 22],
  [
    region(
      ['CA', 'Canada', '+1'],
      [
        ['Chloé', 'Lucas', 'Maëlle', 'Jack', 'Aria', 'Théo'],
        ['Tremblay', 'Singh', 'MacLeod', 'Bélanger', 'Wong'],
      ],
      ['Rue Sainte-Anne', 'King Street W', 'Granville Street', 'Portage Avenue'],
      [
        ['Montréal', 'QC', 'H2X 1Y4'],
        ['Toronto', 'ON', 'M5V 2T6'],
        ['Vancouver', 'BC', 'V6B 1A1'],
      ],
      true,
    ),
    10,
  ],
  [
    region(
      ['GB', 'United Kingdom', '+44'],
      [
        ['Isla', 'Harry', 'Poppy', 'Rhys', 'Freya', 'Alfie'],
        ['Ashdown', 'Pemberton', 'Llewellyn', 'Fraser', 'Begum'],
      ],
      ['High Street', 'Station Road', 'Church Lane', 'The Crescent'],
      [
        ['Leeds', '', 'LS1 4DY'],
        ['Cardiff', 'Wales', 'CF10 1EP'],
        ['London', 'Greater London', 'N1 9GU'],
      ],
      true,
    ),
    8,
  ],
  [
    region(
      ['DE', 'Germany', '+49'],
      [
        ['Jürgen', 'Käthe', 'Lena', 'Björn', 'Sönke', 'Anneliese'],
        ['Müller', 'Weiß', 'Schröder', 'Groß', 'von der Heide'],
      ],
      ['Lindenstraße', 'Am Mühlbach', 'Königsallee', 'Schulweg'],
      [
        ['Köln', '', '50667'],
        ['München', 'Bayern', '80331'],
        ['Görlitz', 'Sachsen', '02826'],
      ],
    ),
    9,
  ],
  [
    region(
      ['FR', 'France', '+33'],
      [
        ['Élodie', 'François', 'Zoé', 'Gaëtan'],
        ['Lefèvre', 'Garçon', "D'Amboise", 'Noël'],
      ],
      ['Rue de la République', 'Allée des Érables', 'Boulevard Voltaire'],
      [
        ['Lyon', '', '69002'],
        ['Besançon', '', '25000'],
      ],
      true,
    ),
    4,
  ],
  [
    region(
      ['AU', 'Australia', '+61'],
      [
        ['Matilda', 'Bodhi', 'Sienna', 'Angus'],
        ['Kelly', 'Papadopoulos', 'Wirth', 'Tran'],
      ],
      ['Wattle Street', 'Esplanade', 'George Street'],
      [
        ['Hobart', 'TAS', '7000'],
        ['Fremantle', 'WA', '6160'],
      ],
      true,
    ),
    4,
  ],
  [
    region(
      ['SE', 'Sweden', '+46'],
      [
        ['Åsa', 'Göran', 'Märta', 'Nils'],
        ['Öberg', 'Sjöström', 'Lindqvist'],
      ],
      ['Storgatan', 'Ängsvägen'],
      [
        ['Malmö', '', '211 22'],
        ['Umeå', '', '903 26'],
      ],
    ),
    2,
  ],
  [
    region(
      ['JP', 'Japan', '+81'],
      [
        ['結衣', '蓮', '陽菜', 'Haruto'],
        ['佐藤', '高橋', '渡辺', 'Tanaka'],
      ],
      ['桜通', '本町', 'Chuo'],
      [
        ['札幌市', '北海道', '060-0001'],
        ['Osaka', 'Osaka', '530-0001'],
      ],
    ),
    2,
  ],
  [
    region(
      ['BR', 'Brazil', '+55'],
      [
        ['João', 'Conceição', 'Inês', 'Antônio'],
        ['Gonçalves', 'Araújo', 'dos Santos'],
      ],
      ['Rua das Acácias', 'Avenida São João'],
      [
        ['São Paulo', 'SP', '01310-100'],
        ['Belém', 'PA', '66010-000'],
      ],
    ),
    2,
  ],
  [
    region(
      ['AE', 'United Arab Emirates', '+971'],
      [
        ['ليلى', 'عمر', 'Mariam'],
        ['الهاشمي', 'Haddad'],
      ],
      ['Palm Street', 'شارع النخيل'],
      [['Dubai', 'Dubai', '']],
    ),
    1,
  ],
];
