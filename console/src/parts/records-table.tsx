/** A table of records; on narrow screens each record becomes a card with column names beside the values. */

import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './records-table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly header: ReactNode;
  /** Names the value on a card, when the header is more than text. */
  readonly label?: string;
  readonly cell: (row: Row) => ReactNode;
  /** Aligns numbers to the right. */
  readonly align?: 'right';
  /** The column that names the record: its row header, and the title of its card. */
  readonly primary?: boolean;
  /** For columns of buttons: the header is read out but not shown. */
  readonly hideHeader?: boolean;
  readonly width?: number | string;
  /** Keeps the value on one line in the table layout. */
  readonly nowrap?: boolean;
  readonly sort?: 'ascending' | 'descending' | 'none';
}

export interface RecordsTableProps<Row> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
}

// The roles are explicit because browsers drop them when the layout is not a table's.
export function RecordsTable<Row>({ label, columns, rows, rowKey }: RecordsTableProps<Row>) {
  return (
    <div className={classes.scroll}>
      <Table className={classes.table} aria-label={label} role="table" verticalSpacing={8} horizontalSpacing="md">
        <Table.Thead role="rowgroup" className={classes.head}>
          <Table.Tr role="row">
            {columns.map(({ key, header, align, width, hideHeader, sort }) => (
              <Table.Th
                key={key}
                role="columnheader"
                scope="col"
                ta={align ?? 'left'}
                {...(width === undefined ? {} : { w: width })}
                {...(sort === undefined ? {} : { 'aria-sort': sort })}
              >
                {hideHeader === true ? <span className={classes.hidden}>{header}</span> : header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} role="row">
              {columns.map((column) => (
                <RecordCell key={column.key} column={column} row={row} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function RecordCell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { header, label, cell, align, primary, hideHeader, nowrap } = column;
  const content = (
    <>
      {primary === true || hideHeader === true ? null : (
        <span className={classes.label} aria-hidden>
          {label ?? header}
        </span>
      )}
      <div className={nowrap === true ? `${classes.value} ${classes.nowrap}` : classes.value}>{cell(row)}</div>
    </>
  );
  return primary === true ? (
    <Table.Th role="rowheader" scope="row" fw={500} className={classes.primary}>
      {content}
    </Table.Th>
  ) : (
    <Table.Td role="cell" ta={align ?? 'left'} {...(align === 'right' ? { className: 'figures' } : {})}>
      {content}
    </Table.Td>
  );
}
